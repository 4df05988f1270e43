/** Exit status of every verb; what each means to the user is in pages/help.ts. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  file: 3,
  noService: 4,
  unknown: 5,
} as const;
