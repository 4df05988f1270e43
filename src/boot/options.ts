/** What a boot script is made for. */
export interface BootOptions {
  /** Absolute path of the rules file, without control characters. */
  readonly file: string;
  /** Absolute path of pktables, without control characters. */
  readonly binary: string;
  /** Words behind `load FILE`, such as `--backend`, `nft`; plain words that need no quoting. */
  readonly words: readonly string[];
  /** Whether stopping the service also takes all services and doors out of the kernel. */
  readonly removeOnStop: boolean;
  /** How the file was made: the heading says so. */
  readonly version: string;
}

/** How to call `pktables VERB`, with the words that every verb takes. */
export function commandOf(options: BootOptions, verb: readonly string[]): string[] {
  return [options.binary, ...verb, ...options.words];
}

/** The first lines of every boot script, as comments. */
export function headingOf(options: BootOptions, kind: string): string {
  return `# Written by pktables ${options.version}: pktables unit ${kind} ${options.file}\n`;
}
