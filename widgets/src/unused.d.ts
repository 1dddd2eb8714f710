// What vitest's own types name and no source of ours uses: it is not worth five hundred files to read.
export {};
