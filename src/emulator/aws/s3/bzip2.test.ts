import assert from "node:assert/strict";
import { test } from "node:test";
import { unpackBzip2 } from "./bzip2.js";

// Both packed by the bz2 module of Python.
const SMALL = "QlpoOTFBWSZTWVtNUJUAAAXRgAAQAAQ7IDKgIAAiJ+qaaYT1CAaAOTMdvLXltMhg0HxdyRThQkFtNUJU";
const TWO_STREAMS = [
  "QlpoOTFBWSZTWc1DBYUAAACAwIBAAAIACCAAISZBmKgOLuSKcKEhmoYLCkJaaDkxQVkmU1m+lS0xAACJ////////////////",
  "/////////////////////////////7AAxWkAAAAABMAACYAAmAAAAJ6AJgAAAGgEwAAAAAAAAJgAAAABMAAAAUqEwCYJgACY",
  "JhMCYAAEwAjAIwAEwCYAEwTTTAAABMACZMTAAAAAABGJkNMIwmASYACYAAmAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "DGDA4QEhQWGBocHiAiJCYoKiwuMDI0Njg6PD5AQkRGSEv4JicoKSorLC13LzAxMjM0NTY3/JwcnR2eHp8foCChIaIio36R0h",
  "JSktMTU5PUFFSU1RVVldYWVpbXF1eX2Bh/YAACgAAJ+yswQgAFnCEAA+BoaWprbG1u9je4OLk5ujq7e13eFUPV3CIHsQA+Pr",
  "8+vz/AQMFBgYSFhoeIiYr+xcZGx0fISMlJykrLS8xMzU3OTs9P0FDRUdJS01PUVNVV1lbXV9hY2VnaWttb3FzdXd5e31/gYO",
  "Fh4mLjY+Rk5WXmZudn6Gjpaepq62vsbO1t7m7vb2/wcPF/+Pk5ebn6Onq6+zt7u/w8fLz9PX2gPcD8fP19i7kinChIX0qWmI",
].join("");

const unpack = (packed: string, bytesMax = 10_000) => unpackBzip2(Buffer.from(packed, "base64"), bytesMax);

test("streams of bzip2, one after the other, with runs and every byte", () => {
  assert.equal(Buffer.from(unpack(SMALL)).toString(), "a,b,c\ne,r,f\ny,u,i\nq,w,y");
  const bytes = Array.from({ length: 256 }, (_, index) => index);
  const all = Buffer.concat([Buffer.from("x".repeat(700) + "abc".repeat(50)), Buffer.from(bytes)]);
  assert.deepEqual(Buffer.from(unpack(TWO_STREAMS)), all);
});

test("what is no bzip2, is cut off, or holds too much", () => {
  assert.throws(() => unpack("aGVsbG8="), RangeError);
  assert.throws(() => unpack(SMALL.slice(0, 60)), RangeError);
  assert.throws(() => unpack(TWO_STREAMS, 1000), RangeError);
});
