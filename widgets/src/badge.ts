/** Which way the bytes take, said small; the slow way with a warning. */
import { h } from "./dom";
import * as t from "./strings";
import type { Transport } from "./transport/index";

/** Make the badge of a transport. */
export function badge({ kind }: Transport): HTMLElement {
  const slow = kind === "comm";
  const words = slow ? t.badge.comm : t.badge.http;
  return h(`span.badge${slow ? ".badge-slow" : ""}`, { title: slow ? t.badge.commTitle : t.badge.httpTitle }, words);
}
