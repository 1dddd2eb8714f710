/** The files of a job of several, each with its bytes; folded until somebody wants to know. */
import { h } from "../dom";
import { bytes } from "../format";
import type { JobFile } from "../jobs";
import * as t from "../strings";
import { bar } from "../bar";
import { part, put } from "../view";

/** Make the list and the function that brings it up to date. */
export function fileList(): { element: HTMLDetailsElement; update(files: JobFile[]): void } {
  const summary = h("summary");
  const list = h("ul.files", { role: "list" });
  const element = h("details.job-files", {}, summary, list) as HTMLDetailsElement;
  const rows = new Map<string, (file: JobFile) => void>();
  const add = (path: string): ((file: JobFile) => void) => {
    const told = part("file-bytes");
    const { element: line, update } = bar(path);
    list.append(h("li", {}, h("span.file-name", { title: path }, path), told, line));
    return ({ bytes: done, total_bytes: total, state }) => {
      put(told, total ? t.progress.of(bytes(done), bytes(total)) : bytes(done));
      update(total ? Math.floor((done * 100) / total) : 0, state);
    };
  };
  return {
    element,
    update(files) {
      element.hidden = files.length < 2;
      put(summary, t.progress.files(files.filter((file) => file.state === "completed").length, files.length));
      for (const file of files) {
        const row = rows.get(file.path) ?? add(file.path);
        rows.set(file.path, row);
        row(file);
      }
    },
  };
}
