/**
 * From what a person picks, drops or pastes to files with their paths.
 *
 * Folders come as `webkitRelativePath` from a picker and as entries from a drop; a reader of entries gives at
 * most 100 a call, so it is asked until it gives none.
 */

/** A file and where it lay, from the folder that was picked on. */
export interface Picked {
  file: File;
  path: string;
}

/** Files of an input or a clipboard. */
export function fromList(files: Iterable<File>): Picked[] {
  return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Files of a drop, with those in dropped folders. */
export async function fromDrop(data: DataTransfer): Promise<Picked[]> {
  // the list is empty after the event, so entries are taken before anything is awaited
  const entries = Array.from(data.items, (item) => (item.kind === "file" ? item.webkitGetAsEntry?.() : null));
  if (!entries.some((entry) => entry?.isDirectory)) return fromList(data.files);
  const found = await Promise.all(entries.map((entry) => (entry ? walk(entry) : [])));
  return found.flat();
}

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  const path = entry.fullPath.replace(/^\/+/, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, path }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const child of some) found.push(...(await walk(child)));
  }
}

/** Whether an `accept` as of `<input type="file">` takes a file; empty takes all. */
export function accepts(accept: string, { name, type }: File): boolean {
  const rules = accept
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .filter(Boolean);
  if (!rules.length) return true;
  return rules.some((rule) => {
    if (rule.startsWith(".")) return name.toLowerCase().endsWith(rule);
    if (rule.endsWith("/*")) return type.toLowerCase().startsWith(rule.slice(0, -1));
    return type.toLowerCase() === rule;
  });
}
