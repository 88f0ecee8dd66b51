import { scrollsThrough } from "../e2e/scroll-through.js";

describe("scrolling through twenty thousand stored messages", () => {
  scrollsThrough(20_000, 40 * 60_000);
});
