/** What the server is told of a file and of each chunk. */
import type { Upload } from "./upload";

/** Where files go. */
export interface Target {
  sessionId: string;
  nodeName: string;
  nodeId: string;
  /** Whether a file may take the place of another one: `replace` where it is not said. */
  conflict?: string;
}

/** Give the fields that tell one upload from another. */
export function namesOf(target: Target, { name, path, uploadId }: Upload): Record<string, string> {
  return { ...target, filename: name, relativePath: path, uploadId };
}

/** Make the form of a chunk. */
export function formOf(target: Target, upload: Upload, index: number): FormData {
  const form = new FormData();
  const fields = {
    ...namesOf(target, upload),
    chunkIndex: index,
    totalChunks: upload.chunks,
    chunkSize: upload.chunkSize,
    totalSize: upload.size,
    ...(upload.restart && { restart: true }),
  };
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  form.append("file", upload.bytes(index), upload.name);
  return form;
}
