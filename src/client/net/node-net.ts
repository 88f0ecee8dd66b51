// What a session reaches servers with in Node.js.
import type { Net } from "../transport.js";
import { openTransport } from "./connect.js";
import { probe } from "./doctor/probe.js";
import { openHttp } from "./http.js";
import { checkClientCertificate } from "./tls.js";

export const nodeNet: Net = { connect: openTransport, checkClientCertificate, openHttp, probe };
