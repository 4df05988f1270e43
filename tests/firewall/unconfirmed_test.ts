import { assert, assertEquals } from "@std/assert";
import {
  jumpAfter,
  jumpBeside,
  jumpInMoment,
  type JumpText,
  jumpUntil,
  readJump,
  readUndatedJump,
  unconfirmedChainOf,
  unconfirmedServiceOf,
} from "../../src/firewall/unconfirmed.ts";

/** 2027-01-15 08:00:00 UTC. */
const UNTIL = 1_800_000_000;
const AT = "2027-01-15T08:00:00";
const NEXT = "2027-01-15T08:00:01";
const COPIED = "2027-01-15T08:00:02";
const CLOCK_END = "2038-01-19T03:14:07";

const PORT = "-p tcp -m tcp --dport 22";

/** A jump without a date. */
const UNDATED = { stop: null, start: null, isCopy: false } as const;

Deno.test("the chain of unconfirmed rules is told by its whole name", () => {
  assertEquals(unconfirmedChainOf("ssh"), "pk.ssh");
  const names = ["pk.ssh", "pk.a-b_9", "pk-ssh", "pk.", "pk.ssh.1", "xpk.ssh", "pk.9", "ssh", ""];
  assertEquals(names.map(unconfirmedServiceOf), [
    ...["ssh", "a-b_9"],
    ...Array.from({ length: 7 }, () => null),
  ]);
});

Deno.test("a jump is taken apart, with each date that this tool writes", () => {
  const old = { name: "ssh", isNew: false, ...UNDATED };
  const fresh = { name: "ssh", isNew: true, ...UNDATED };
  const start = UNTIL + 1;
  const cases: readonly (readonly [text: string, jump: JumpText])[] = [
    ["-j pk-ssh", { ...old, plain: "-j pk-ssh" }],
    ["-g pk-ssh", { ...old, plain: "-g pk-ssh" }],
    ["-j pk.ssh", { ...fresh, plain: "-j pk-ssh" }],
    [`${PORT} -j pk-ssh`, { ...old, plain: `${PORT} -j pk-ssh` }],
    [`${PORT} -g pk.ssh`, { ...fresh, plain: `${PORT} -g pk-ssh` }],
    [`-m time --datestop ${AT} -j pk.ssh`, { ...fresh, plain: "-j pk-ssh", stop: UNTIL }],
    [
      `${PORT} -m time --datestop ${AT} -j pk.ssh`,
      { ...fresh, plain: `${PORT} -j pk-ssh`, stop: UNTIL },
    ],
    [
      `${PORT} -m time --datestart ${NEXT} -j pk-ssh`,
      { ...old, plain: `${PORT} -j pk-ssh`, start },
    ],
    // xt_time prints the end of its clock, too.
    [
      `${PORT} -m time --datestart ${NEXT} --datestop ${CLOCK_END} -g pk-ssh`,
      { ...old, plain: `${PORT} -g pk-ssh`, start },
    ],
    [
      `${PORT} -m time --datestart ${NEXT} --datestop ${COPIED} -j pk-ssh`,
      { ...old, plain: `${PORT} -j pk-ssh`, start, isCopy: true },
    ],
    // A comment may hold anything, newlines included.
    ['-m comment --comment "a\nb" -j pk-ssh', {
      ...old,
      plain: '-m comment --comment "a\nb" -j pk-ssh',
    }],
  ];
  for (const [text, jump] of cases) assertEquals(readJump(text), jump, text);
});

Deno.test("a date of others is a match like any, and stays with the jump", () => {
  for (
    const [text, isNew] of [
      // Of the other kind of jump, of another form, with more behind it, not last, or no date.
      [`-m time --datestop ${AT} -j pk-ssh`, false],
      [`-m time --datestart ${NEXT} -j pk.ssh`, true],
      [`-m time --datestart ${NEXT} --datestop ${AT} -j pk-ssh`, false],
      [`-m time --datestart ${NEXT} --datestop ${NEXT} -j pk-ssh`, false],
      [`-m time --datestart ${NEXT} --datestop 2027-01-15T08:00:03 -j pk-ssh`, false],
      [`-m time --datestart ${NEXT} --datestop 2038-01-19T03:14:06 -j pk-ssh`, false],
      [`-m time --datestart ${AT} --datestop ${COPIED} -j pk.ssh`, true],
      [`-m time --datestop ${AT} --kerneltz -j pk.ssh`, true],
      [`-m time --datestop ${AT} ${PORT} -j pk.ssh`, true],
      [`-m time --datestart ${NEXT} ${PORT} -j pk-ssh`, false],
      [`-m time --datestart ${NEXT} --datestop ${COPIED} ${PORT} -j pk-ssh`, false],
      ["-m time --datestop 2027-01-15 -j pk.ssh", true],
      ["-m time --datestart tomorrow -j pk-ssh", false],
      ["-m time --datestop -j pk.ssh", true],
    ] as const
  ) {
    const plain = text.replace("pk.ssh", "pk-ssh");
    assertEquals(readJump(text), { name: "ssh", isNew, plain, ...UNDATED }, text);
  }
});

Deno.test("what only looks like a jump to a service is none", () => {
  for (
    const text of [
      "",
      "pk-ssh",
      " pk-ssh",
      "-s 192.0.2.1/32 -j ACCEPT",
      "-j pk-ssh.1",
      "-j pk-9",
      "-j pk-",
      "-j pk.",
      "-j pkssh",
      "-j xpk-ssh",
      "-x pk-ssh",
      "--name -jj pk-ssh",
      "--name x-j pk-ssh",
      "-j pk-ssh --random",
      "-j pk-ssh ",
      "-m recent --name pk-ssh --rsource -j ACCEPT",
      '-m comment --comment "-j pk-ssh" -j DROP',
      '-m comment --comment "go to -j pk-ssh"',
      '-m comment --comment "go to -j pk-ssh\nx"',
    ]
  ) {
    assertEquals([readJump(text), readUndatedJump(text)], [null, null], text);
  }
});

Deno.test("where this tool has written no dates, all dates stay with the jump", () => {
  const dates = [
    `--datestop ${AT}`,
    `--datestart ${NEXT}`,
    `--datestart ${NEXT} --datestop ${COPIED}`,
  ];
  for (const date of dates) {
    for (const [chain, isNew] of [["pk-ssh", false], ["pk.ssh", true]] as const) {
      for (const how of ["-j", "-g"]) {
        const plain = `${PORT} -m time ${date} ${how} pk-ssh`;
        assertEquals(
          readUndatedJump(`${PORT} -m time ${date} ${how} ${chain}`),
          { name: "ssh", isNew, plain, ...UNDATED },
        );
      }
    }
  }
});

Deno.test("jumps are written with their dates, and read back as what they are", () => {
  for (const match of ["", `${PORT} `, `-i eth0 ${PORT} -m time --timestart 08:00:00 `]) {
    for (const how of ["-j", "-g"]) {
      const plain = `${match}${how} pk-ssh`;
      const jump = readUndatedJump(plain);
      assert(jump !== null);
      const start = UNTIL + 1;
      const written: readonly (readonly [text: string, wanted: string, seen: Partial<JumpText>])[] =
        [
          [
            jumpUntil(jump, UNTIL),
            `${match}-m time --datestop ${AT} ${how} pk.ssh`,
            { isNew: true, stop: UNTIL },
          ],
          [
            jumpAfter(jump, UNTIL),
            `${match}-m time --datestart ${NEXT} ${how} pk-ssh`,
            { start },
          ],
          [
            jumpInMoment(jump, UNTIL),
            `${match}-m time --datestart ${NEXT} --datestop ${COPIED} ${how} pk-ssh`,
            { start, isCopy: true },
          ],
          [jumpBeside(jump), `${match}${how} pk.ssh`, { isNew: true }],
        ];
      for (const [text, wanted, seen] of written) {
        assertEquals(text, wanted);
        assertEquals(readJump(text), { ...jump, ...seen });
      }
    }
  }
});
