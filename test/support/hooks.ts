// Root hooks of every suite: what a test started is ended after it.
import { runCleanups } from "./cleanup.js";

afterEach(runCleanups);
