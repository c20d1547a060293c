// The server under test, as test_clients.py names it on the command line.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

export const given = JSON.parse(process.argv[2]);
export const http = `${given.url}/graphql`;
export const ws = http.replace("http", "ws");
export const authorization = `Bearer ${given.token}`;

export const connect = (connectionParams = { authorization }, on = {}) =>
  createClient({ url: ws, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, lazyCloseTimeout: 1000, on });

export const tell = (found) => console.log(JSON.stringify(found));
