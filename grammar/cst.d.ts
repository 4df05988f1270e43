// deno-fmt-ignore-file -- generated
// Made from the parser by tests/grammar/cst_types_test.ts with PKTABLES_UPDATE_GOLDENS=1; do not edit.
import type { CstNode, IToken } from "chevrotain";

/** @internal */
export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

/** @internal */
export type FileCstChildren = {
  statement?: StatementCstNode[];
};

/** @internal */
export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

/** @internal */
export type StatementCstChildren = {
  include?: IncludeCstNode[];
  define?: DefineCstNode[];
  service?: ServiceCstNode[];
  expect?: ExpectCstNode[];
};

/** @internal */
export interface IncludeCstNode extends CstNode {
  name: "include";
  children: IncludeCstChildren;
}

/** @internal */
export type IncludeCstChildren = {
  Include: IToken[];
  STRING: IToken[];
};

/** @internal */
export interface DefineCstNode extends CstNode {
  name: "define";
  children: DefineCstChildren;
}

/** @internal */
export type DefineCstChildren = {
  Define: IToken[];
  NAME: IToken[];
  EQUALS: IToken[];
  addressList: AddressListCstNode[];
};

/** @internal */
export interface AddressListCstNode extends CstNode {
  name: "addressList";
  children: AddressListCstChildren;
}

/** @internal */
export type AddressListCstChildren = {
  addressItem: (AddressItemCstNode)[];
  COMMA?: IToken[];
};

/** @internal */
export interface AddressItemCstNode extends CstNode {
  name: "addressItem";
  children: AddressItemCstChildren;
}

/** @internal */
export type AddressItemCstChildren = {
  ADDRESS?: IToken[];
  NAME?: IToken[];
};

/** @internal */
export interface ServiceCstNode extends CstNode {
  name: "service";
  children: ServiceCstChildren;
}

/** @internal */
export type ServiceCstChildren = {
  Service: IToken[];
  NAME: IToken[];
  protocol: ProtocolCstNode[];
  ports: PortsCstNode[];
  Syn?: IToken[];
  policy?: PolicyCstNode[];
  option?: OptionCstNode[];
};

/** @internal */
export interface ProtocolCstNode extends CstNode {
  name: "protocol";
  children: ProtocolCstChildren;
}

/** @internal */
export type ProtocolCstChildren = {
  Tcp?: IToken[];
  Udp?: IToken[];
};

/** @internal */
export interface PortsCstNode extends CstNode {
  name: "ports";
  children: PortsCstChildren;
}

/** @internal */
export type PortsCstChildren = {
  portItem: (PortItemCstNode)[];
  COMMA?: IToken[];
};

/** @internal */
export interface PortItemCstNode extends CstNode {
  name: "portItem";
  children: PortItemCstChildren;
}

/** @internal */
export type PortItemCstChildren = {
  NUMBER: (IToken)[];
  MINUS?: IToken[];
};

/** @internal */
export interface PolicyCstNode extends CstNode {
  name: "policy";
  children: PolicyCstChildren;
}

/** @internal */
export type PolicyCstChildren = {
  Drop?: IToken[];
  Accept?: IToken[];
  Reject?: IToken[];
};

/** @internal */
export interface OptionCstNode extends CstNode {
  name: "option";
  children: OptionCstChildren;
}

/** @internal */
export type OptionCstChildren = {
  family?: FamilyCstNode[];
  interface?: InterfaceCstNode[];
  established?: EstablishedCstNode[];
  allow?: AllowCstNode[];
  knock?: KnockCstNode[];
  log?: LogCstNode[];
};

/** @internal */
export interface FamilyCstNode extends CstNode {
  name: "family";
  children: FamilyCstChildren;
}

/** @internal */
export type FamilyCstChildren = {
  Ipv4?: IToken[];
  Ipv6?: IToken[];
};

/** @internal */
export interface InterfaceCstNode extends CstNode {
  name: "interface";
  children: InterfaceCstChildren;
}

/** @internal */
export type InterfaceCstChildren = {
  On: IToken[];
  NAME?: IToken[];
  STRING?: IToken[];
};

/** @internal */
export interface EstablishedCstNode extends CstNode {
  name: "established";
  children: EstablishedCstChildren;
}

/** @internal */
export type EstablishedCstChildren = {
  Established: IToken[];
};

/** @internal */
export interface AllowCstNode extends CstNode {
  name: "allow";
  children: AllowCstChildren;
}

/** @internal */
export type AllowCstChildren = {
  Allow: IToken[];
  addressList: AddressListCstNode[];
};

/** @internal */
export interface KnockCstNode extends CstNode {
  name: "knock";
  children: KnockCstChildren;
}

/** @internal */
export type KnockCstChildren = {
  Knock: IToken[];
  knockPorts?: (KnockPortsCstNode)[];
  Once?: IToken[];
  STRING?: IToken[];
  Within?: IToken[];
  DURATION?: (IToken)[];
  For?: IToken[];
  Close?: IToken[];
  By?: IToken[];
  listener?: ListenerCstNode[];
};

/** @internal */
export interface ListenerCstNode extends CstNode {
  name: "listener";
  children: ListenerCstChildren;
}

/** @internal */
export type ListenerCstChildren = {
  Kernel?: IToken[];
  Knockd?: IToken[];
};

/** @internal */
export interface KnockPortsCstNode extends CstNode {
  name: "knockPorts";
  children: KnockPortsCstChildren;
}

/** @internal */
export type KnockPortsCstChildren = {
  knockPort: (KnockPortCstNode)[];
  COMMA?: IToken[];
};

/** @internal */
export interface KnockPortCstNode extends CstNode {
  name: "knockPort";
  children: KnockPortCstChildren;
}

/** @internal */
export type KnockPortCstChildren = {
  NUMBER: IToken[];
  COLON?: IToken[];
  protocol?: ProtocolCstNode[];
};

/** @internal */
export interface LogCstNode extends CstNode {
  name: "log";
  children: LogCstChildren;
}

/** @internal */
export type LogCstChildren = {
  Log: IToken[];
  Prefix?: IToken[];
  STRING?: IToken[];
  Level?: IToken[];
  NAME?: IToken[];
  Limit?: IToken[];
  RATE?: IToken[];
  Burst?: IToken[];
  NUMBER?: IToken[];
};

/** @internal */
export interface ExpectCstNode extends CstNode {
  name: "expect";
  children: ExpectCstChildren;
}

/** @internal */
export type ExpectCstChildren = {
  Expect: IToken[];
  protocol: ProtocolCstNode[];
  NUMBER: IToken[];
  From?: IToken[];
  source?: SourceCstNode[];
  To?: IToken[];
  ADDRESS?: IToken[];
  interface?: InterfaceCstNode[];
  established?: EstablishedCstNode[];
  policy: PolicyCstNode[];
};

/** @internal */
export interface SourceCstNode extends CstNode {
  name: "source";
  children: SourceCstChildren;
}

/** @internal */
export type SourceCstChildren = {
  ADDRESS?: IToken[];
  NAME?: IToken[];
};
