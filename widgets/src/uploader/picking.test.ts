import { expect, test } from "vitest";
import { accepts } from "./picking";

const file = (name: string, type = ""): File => new File([], name, { type });

test.each([
  ["", file("a.png"), true],
  [".wav, .mp3", file("A.WAV"), true],
  [".wav", file("wav"), false],
  ["audio/*", file("a", "audio/ogg"), true],
  ["audio/*", file("a", "video/ogg"), false],
  ["image/png", file("a", "image/png"), true],
])("accept %s", (accept, one, taken) => expect(accepts(accept, one)).toBe(taken));
