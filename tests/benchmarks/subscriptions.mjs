// The peer of subscriptions.py: graphql-ws on ws, fed from the same Redis channel, newest snapshot only as ours.
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import Redis from "ioredis";
import { WebSocketServer } from "ws";

const feeds = new Map();
const schema = buildSchema(`
  type Query { ok: Boolean }
  type JobProgress {
    jobId: ID! kind: String! status: String! phase: String! message: String! done: Int! total: Int! version: Int!
  }
  type Subscription { jobProgress(id: ID!): JobProgress! }
`);

schema.getSubscriptionType().getFields().jobProgress.subscribe = async function* (_, { id }) {
  const feed = { newest: null, wake: null };
  if (!feeds.has(id)) feeds.set(id, new Set());
  feeds.get(id).add(feed);
  try {
    const first = { jobId: id, kind: "", status: "QUEUED", phase: "", message: "", done: 0, total: 1, version: 0 };
    yield { jobProgress: first };
    for (;;) {
      if (!feed.newest) await new Promise((resolve) => (feed.wake = resolve));
      const jobProgress = feed.newest;
      feed.newest = null;
      yield { jobProgress };
      if (jobProgress.status === "SUCCEEDED") return;
    }
  } finally {
    feeds.get(id).delete(feed);
  }
};

const redis = new Redis(JSON.parse(process.env.PEER_REDIS));
redis.on("message", (_, data) => {
  const snapshot = JSON.parse(data);
  snapshot.jobId = `job_${snapshot.id}`;
  for (const feed of feeds.get(snapshot.jobId) ?? []) {
    feed.newest = snapshot;
    feed.wake?.();
  }
});
await redis.subscribe("igny8:jobs");
useServer({ schema }, new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT), path: "/graphql" }));
