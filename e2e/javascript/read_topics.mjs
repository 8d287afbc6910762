// Prints the events of some topics, one JSON object a line, with nothing but kafkajs and its registry client: no code
// of inklog's.
//
//     node read_topics.mjs inklog.posts.v1 inklog.accounts.v1
//
// It reads each partition from its beginning to its present end with default settings, and applies the rule of
// docs/topics.md, so that it is right even where a paused writer woke up and appended what does not count.

import { randomUUID } from 'node:crypto'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import avro from 'avsc'
import { Kafka, logLevel } from 'kafkajs'

const TERM_STARTED = 'inklog.log.TermStarted'
const DEADLINE_MS = 60_000

/** A long of milliseconds, as JavaScript has times. */
class Time extends avro.types.LogicalType {
  _fromValue(millis) {
    return new Date(millis)
  }
}

/** The partitions that have records, as `topic/number`, with their ends. */
async function endsOf(kafka, topics) {
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map()
  for (const topic of topics) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      if (high !== '0') ends.set(`${topic}/${partition}`, BigInt(high))
    }
  }
  await admin.disconnect()
  return ends
}

/** Hands everything that is in the topics by now to `take`, each partition in its order. */
async function readAll(kafka, topics, take) {
  const left = await endsOf(kafka, topics)
  if (left.size === 0) return
  const consumer = kafka.consumer({ groupId: `read_topics-${randomUUID()}` })
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not read to the end: ${[...left.keys()]}`)), DEADLINE_MS).unref()
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    const eachMessage = async ({ topic, partition, message }) => {
      const where = `${topic}/${partition}`
      if (!left.has(where)) return
      await take(where, message)
      if (BigInt(message.offset) + 1n >= left.get(where)) left.delete(where)
      if (left.size === 0) resolve()
    }
    consumer.run({ autoCommit: false, eachMessage }).catch(reject)
  })
  await consumer.disconnect()
}

/** Hands the events that count to `print`, decoded. */
function counting(decode, print) {
  const places = new Map()
  return async (where, message) => {
    const { term, seq } = places.get(where) ?? { term: 0, seq: 0 }
    const header = name => message.headers[name]?.toString()
    const record = await decode(message.value)
    if (record.event_type === TERM_STARTED) {
      if (record.term === term + 1) places.set(where, { term: term + 1, seq: 0 })
    } else if (term > 0 && header('inklog-term') === `${term}` && header('inklog-seq') === `${seq + 1}`) {
      places.set(where, { term, seq: seq + 1 })
      print(record)
    }
  }
}

const host = process.env.INKLOG_REGISTRY_URL ?? 'http://127.0.0.1:18081/apis/ccompat/v7'
const brokers = (process.env.INKLOG_KAFKA_BROKERS ?? '127.0.0.1:19092').split(',')
const registry = new SchemaRegistry({ host }, { [SchemaType.AVRO]: { logicalTypes: { 'timestamp-millis': Time } } })
const kafka = new Kafka({ clientId: 'read_topics', brokers, logLevel: logLevel.NOTHING })
const print = event => console.log(JSON.stringify(event))
await readAll(kafka, process.argv.slice(2), counting(value => registry.decode(value), print))
