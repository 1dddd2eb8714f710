/** Bytes cut into frames that pass any websocket, and put together again. */

/** Bytes of a frame; Jupyter's servers let 10 MiB pass, the speed is best at one. */
export const FRAME_BYTES = 1 << 20;

/** Cut bytes into frames; of nothing there is one, empty. */
export function cut(data: ArrayBuffer, size = FRAME_BYTES): ArrayBuffer[] {
  const frames = Math.max(1, Math.ceil(data.byteLength / size));
  return Array.from({ length: frames }, (_, index) => data.slice(index * size, (index + 1) * size));
}

/** Put pieces together, in their order. */
export const join = (pieces: BlobPart[]): Promise<ArrayBuffer> => new Blob(pieces).arrayBuffer();
