/**
 * What the kernel knows of the uploads, and a page that is opened later.
 *
 * A page can see a file only while it is open. So what was under way when the page went is `interrupted`, until
 * somebody picks the same file again: the server still has what it had acknowledged.
 */
import type { Upload, Remembered } from "./upload";

/** One line of the list that no file stands behind. */
export interface Past extends Omit<Remembered, "state"> {
  state: Remembered["state"] | "interrupted";
}

/** Give what an earlier page has left behind; what was under way is interrupted. */
export function past(remembered: readonly Remembered[]): Past[] {
  const ended = new Set(["done", "failed", "cancelled"]);
  return remembered.map((one) => ({ ...one, state: ended.has(one.state) ? one.state : "interrupted" }));
}

/** Give the lines that no upload of this page has taken over. */
export function unclaimed(past: readonly Past[], uploads: readonly Upload[]): Past[] {
  const claimed = new Set(uploads.map(({ id, path }) => `${id} ${path}`));
  return past.filter(({ id, path }) => !claimed.has(`${id} ${path}`));
}
