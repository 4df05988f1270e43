import { LANGUAGE } from "./language.ts";
import type { Block } from "./page.ts";
import { CODES_PAGE } from "./codes.ts";
import { FILES_PAGE } from "./files.ts";
import { JSON_PAGE } from "./json.ts";
import { KERNEL } from "./kernel.ts";
import { SECURITY } from "./security.ts";
import { type TopicName, TOPICS } from "./topics.ts";

/** What each topic's page says, without its title. */
export const TOPIC_PAGES: Readonly<Record<TopicName, readonly Block[]>> = {
  language: LANGUAGE,
  codes: CODES_PAGE,
  kernel: KERNEL,
  json: JSON_PAGE,
  security: SECURITY,
  files: FILES_PAGE,
};

/**
 * The page on a topic, as `pktables help TOPIC` shows it.
 *
 * @param name the word after `pktables help`
 * @returns `null` if there is no such topic
 */
export function topicPage(name: string): readonly Block[] | null {
  const topic = TOPICS.find((one) => one.name === name);
  if (topic === undefined) return null;
  return [{ text: `pktables help ${topic.name}: ${topic.about}` }, ...TOPIC_PAGES[topic.name]];
}
