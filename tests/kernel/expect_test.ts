import { assertEquals, assertStringIncludes } from "@std/assert";
import { forEachBackend } from "../support/box.ts";
