// deno-fmt-ignore-file -- generated
// Made from pk.ebnf by tests/grammar/ebnf_test.ts with PKTABLES_UPDATE_GOLDENS=1; do not edit.

/** The reference grammar, as `pktables help language` shows it: a bundle embeds modules alone. */
export const EBNF: string = String.raw`(* The .pk language. A rule's name here is the parser rule's name.
   Notation: ISO/IEC 14977. *)

file         = { statement } ;
statement    = include | define | service | expect ;
include      = "include" STRING ;
define       = "define" NAME "=" addressList ;
addressList  = addressItem { "," addressItem } ;
(* NAME: a list of an earlier or later define. *)
addressItem  = ADDRESS | NAME ;
(* In any order; only allow and knock may repeat. *)
service      = "service" NAME protocol ports
               { "syn" | policy | option } ;
protocol     = "tcp" | "udp" ;
ports        = portItem { "," portItem } ;
portItem     = NUMBER [ "-" NUMBER ] ;
policy       = "drop" | "accept" | "reject" ;
option       = family | interface | established | allow | knock | log ;
family       = "ipv4" | "ipv6" ;
(* A trailing + is the kernel's wildcard: ppp+.
   Quote what is not a plain word: "eth0.100". *)
interface    = "on" ( NAME | STRING ) ;
established  = "established" ;
allow        = "allow" addressList ;
(* STRING: the path of a file of one-time sequences. *)
knock        = "knock" ( knockPorts | "once" STRING )
               [ "within" DURATION ] [ "for" DURATION ]
               [ "close" knockPorts ] [ "by" listener ] ;
(* Who hears the knock; the default is knockd. *)
listener     = "kernel" | "knockd" ;
knockPorts   = knockPort { "," knockPort } ;
knockPort    = NUMBER [ ":" protocol ] ;
log          = "log" { "prefix" STRING | "level" NAME
                     | "limit" RATE | "burst" NUMBER } ;
(* What must happen to a packet to this port. *)
expect       = "expect" protocol NUMBER [ "from" source ]
               [ "to" ADDRESS ] [ interface ] [ established ] policy ;
(* NAME: a define, or "anyone": an address that no rule names. *)
source       = ADDRESS | NAME ;

(* Tokens. White space (space, tab, CR, LF) only separates; "#" starts a
   comment that runs to the end of the line. A word runs up to white space,
   a comma, an equals sign, a quote or a "#"; its whole shape decides what
   it is: "10.0.0" is one invalid address and not three numbers.

   STRING    in double quotes, on one line; only \" and \\ are escapes
   ADDRESS   IPv4 or IPv6, with an optional /length
   DURATION  a number and s, m, h or d: 90s, 8h
   RATE      a number, "/" and second, minute, hour or day: 10/minute
   NUMBER    decimal digits, at most nine
   NAME      a letter, then letters, digits, "-" and "_"; keywords too,
             because only the place decides *)
`;
