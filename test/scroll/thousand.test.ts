// A thousand messages; twenty thousand are read by `npm run test:scroll`.
import { scrollsThrough } from "../e2e/scroll-through.js";

describe("scrolling through a thousand stored messages", () => {
  scrollsThrough(1000, 240_000);
});
