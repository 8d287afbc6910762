import com.fasterxml.jackson.databind.ObjectMapper;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints the events of some topics, one JSON object a line, with nothing but kafka-clients and Apicurio's deserializer:
 * no code of inklog's.
 *
 * <pre>java -cp 'jars/*' ReadTopics.java inklog.posts.v1 inklog.accounts.v1</pre>
 *
 * It reads each partition from its beginning to its present end with default settings, and applies the rule of
 * docs/topics.md, so that it is right even where a paused writer woke up and appended what does not count.
 */
public class ReadTopics {
    private static final String TERM_STARTED = "inklog.log.TermStarted";
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** The writer's term, and the number of the last event in it that counted. */
    private record Place(long term, long seq) {}

    private final Map<TopicPartition, Place> places = new HashMap<>();

    public static void main(String[] topics) throws Exception {
        // Confluent's deserializer takes the address as it is; Apicurio's asks the same registry at its own.
        var registry = variable("INKLOG_REGISTRY_URL", "http://127.0.0.1:18081/apis/ccompat/v7");
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", variable("INKLOG_KAFKA_BROKERS", "127.0.0.1:19092"),
                "key.deserializer", StringDeserializer.class,
                "value.deserializer", AvroKafkaDeserializer.class,
                "apicurio.registry.url", registry.replace("/apis/ccompat/v7", "/apis/registry/v2"),
                "apicurio.registry.as-confluent", true,
                "apicurio.registry.use-id", "contentId");
        try (var consumer = new KafkaConsumer<String, GenericRecord>(settings)) {
            new ReadTopics().read(consumer, Arrays.asList(topics));
        }
    }

    private static String variable(String name, String otherwise) {
        return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
    }

    /** Everything in the topics by now. */
    private void read(KafkaConsumer<String, GenericRecord> consumer, Collection<String> topics) throws Exception {
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        var ends = consumer.endOffsets(partitions);
        var until = Instant.now().plus(DEADLINE);
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            if (Instant.now().isAfter(until)) throw new IllegalStateException("not read to the end");
            for (var record : consumer.poll(Duration.ofSeconds(1))) take(record);
        }
    }

    /** Prints the event if it counts. */
    private void take(ConsumerRecord<String, GenericRecord> record) throws Exception {
        var where = new TopicPartition(record.topic(), record.partition());
        var at = places.getOrDefault(where, new Place(0, 0));
        var event = record.value();
        if (TERM_STARTED.equals(event.get("event_type").toString())) {
            if ((long) event.get("term") == at.term + 1) places.put(where, new Place(at.term + 1, 0));
        } else if (at.term > 0
                && String.valueOf(at.term).equals(header(record, "inklog-term"))
                && String.valueOf(at.seq + 1).equals(header(record, "inklog-seq"))) {
            places.put(where, new Place(at.term, at.seq + 1));
            System.out.println(JSON.writeValueAsString(plain(event, event.getSchema())));
        }
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** A value as Java has it: times are instants, and printed as such. */
    private static Object plain(Object value, Schema schema) {
        return switch (schema.getType()) {
            case UNION -> plain(value, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)));
            case RECORD -> {
                var fields = new LinkedHashMap<String, Object>();
                for (var field : schema.getFields()) {
                    fields.put(field.name(), plain(((GenericRecord) value).get(field.pos()), field.schema()));
                }
                yield fields;
            }
            case ARRAY -> ((Collection<?>) value).stream().map(item -> plain(item, schema.getElementType())).toList();
            case STRING, ENUM -> value.toString();
            case LONG -> schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
                    ? RFC_3339.format(Instant.ofEpochMilli((long) value))
                    : value;
            default -> value;
        };
    }
}
