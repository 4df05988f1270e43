// deno-fmt-ignore-file -- generated
// Made from the parser by tests/grammar/cst_types_test.ts with PKTABLES_UPDATE=1; do not edit.
import type { CstNode, IToken } from "chevrotain";

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  statement?: StatementCstNode[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  include?: IncludeCstNode[];
  define?: DefineCstNode[];
  service?: ServiceCstNode[];
};

export interface IncludeCstNode extends CstNode {
  name: "include";
  children: IncludeCstChildren;
}

export type IncludeCstChildren = {
  Include: IToken[];
  STRING: IToken[];
};

export interface DefineCstNode extends CstNode {
  name: "define";
  children: DefineCstChildren;
}

export type DefineCstChildren = {
  Define: IToken[];
  NAME: IToken[];
  EQUALS: IToken[];
  addressList: AddressListCstNode[];
};

export interface AddressListCstNode extends CstNode {
  name: "addressList";
  children: AddressListCstChildren;
}

export type AddressListCstChildren = {
  addressItem: (AddressItemCstNode)[];
  COMMA?: IToken[];
};

export interface AddressItemCstNode extends CstNode {
  name: "addressItem";
  children: AddressItemCstChildren;
}

export type AddressItemCstChildren = {
  ADDRESS?: IToken[];
  NAME?: IToken[];
};

export interface ServiceCstNode extends CstNode {
  name: "service";
  children: ServiceCstChildren;
}

export type ServiceCstChildren = {
  Service: IToken[];
  NAME: IToken[];
  protocol: ProtocolCstNode[];
  ports: PortsCstNode[];
  Syn?: IToken[];
  policy?: PolicyCstNode[];
  option?: OptionCstNode[];
};

export interface ProtocolCstNode extends CstNode {
  name: "protocol";
  children: ProtocolCstChildren;
}

export type ProtocolCstChildren = {
  Tcp?: IToken[];
  Udp?: IToken[];
};

export interface PortsCstNode extends CstNode {
  name: "ports";
  children: PortsCstChildren;
}

export type PortsCstChildren = {
  portItem: (PortItemCstNode)[];
  COMMA?: IToken[];
};

export interface PortItemCstNode extends CstNode {
  name: "portItem";
  children: PortItemCstChildren;
}

export type PortItemCstChildren = {
  NUMBER: (IToken)[];
  MINUS?: IToken[];
};

export interface PolicyCstNode extends CstNode {
  name: "policy";
  children: PolicyCstChildren;
}

export type PolicyCstChildren = {
  Drop?: IToken[];
  Accept?: IToken[];
  Reject?: IToken[];
};

export interface OptionCstNode extends CstNode {
  name: "option";
  children: OptionCstChildren;
}

export type OptionCstChildren = {
  family?: FamilyCstNode[];
  interface?: InterfaceCstNode[];
  established?: EstablishedCstNode[];
  allow?: AllowCstNode[];
  knock?: KnockCstNode[];
  log?: LogCstNode[];
};

export interface FamilyCstNode extends CstNode {
  name: "family";
  children: FamilyCstChildren;
}

export type FamilyCstChildren = {
  Ipv4?: IToken[];
  Ipv6?: IToken[];
};

export interface InterfaceCstNode extends CstNode {
  name: "interface";
  children: InterfaceCstChildren;
}

export type InterfaceCstChildren = {
  On: IToken[];
  NAME?: IToken[];
  STRING?: IToken[];
};

export interface EstablishedCstNode extends CstNode {
  name: "established";
  children: EstablishedCstChildren;
}

export type EstablishedCstChildren = {
  Established: IToken[];
};

export interface AllowCstNode extends CstNode {
  name: "allow";
  children: AllowCstChildren;
}

export type AllowCstChildren = {
  Allow: IToken[];
  addressList: AddressListCstNode[];
};

export interface KnockCstNode extends CstNode {
  name: "knock";
  children: KnockCstChildren;
}

export type KnockCstChildren = {
  Knock: IToken[];
  knockPort: (KnockPortCstNode)[];
  COMMA?: IToken[];
  Within?: IToken[];
  DURATION?: (IToken)[];
  For?: IToken[];
};

export interface KnockPortCstNode extends CstNode {
  name: "knockPort";
  children: KnockPortCstChildren;
}

export type KnockPortCstChildren = {
  NUMBER: IToken[];
  COLON?: IToken[];
  protocol?: ProtocolCstNode[];
};

export interface LogCstNode extends CstNode {
  name: "log";
  children: LogCstChildren;
}

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
