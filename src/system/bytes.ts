/** The first of the lone surrogates that represent bytes: 0xDC00 and the byte (PEP 383). */
const ESCAPE = 0xdc00;

/**
 * Decodes what a program printed without losing a byte. Text that is UTF-8 is decoded as such; a byte
 * that is not part of valid UTF-8 (a Latin-1 comment, for instance) becomes a lone surrogate U+DC80 to
 * U+DCFF, which valid UTF-8 never decodes to. So iptables gets back exactly the bytes that it printed.
 *
 * @param bytes what was read
 * @returns the text; `encodeBytes` turns it back into the same bytes
 */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

/** Decodes the longest runs of valid UTF-8, and each byte between them by itself. */
function decodeMixed(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(ESCAPE + bytes[at++]!);
    else {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return text;
}

/** Bytes of the valid UTF-8 sequence at an index (RFC 3629, table of section 4); 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second < low || second > high) return 0;
  for (let more = 2; more < length; more++) {
    if (((bytes[at + more] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** A lone surrogate that represents a byte. */
const ESCAPED = /[\udc80-\udcff]/;

/**
 * Encodes a text as UTF-8, and each lone surrogate of `decodeBytes` as its byte.
 *
 * @param text the text; other lone surrogates become U+FFFD, as with TextEncoder
 */
export function encodeBytes(text: string): Uint8Array {
  const encoder = new TextEncoder();
  // Nearly all payloads are ASCII; the search for a surrogate pair costs more than this one.
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  let plain = "";
  for (const char of text) { // by code points: a surrogate of a pair is never alone
    const code = char.charCodeAt(0);
    if (char.length === 1 && code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
      parts.push(encoder.encode(plain), Uint8Array.of(code - ESCAPE));
      plain = "";
    } else plain += char;
  }
  parts.push(encoder.encode(plain));
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
