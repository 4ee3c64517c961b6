import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Runs Kafka Streams, exactly once, with its defaults; arguments BOOTSTRAP GROUP TOPIC TOPIC…
 *
 * Each topic is copied to the next one. It commits every 100 ms, which is the library's default with
 * this guarantee, and has one thread. A topology that fails ends the program with exit code 1.
 */
public final class PassThrough {
    private static final Duration STOP = Duration.ofSeconds(10);

    public static void main(String[] arguments) throws InterruptedException {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, "streams-state");

        StreamsBuilder builder = new StreamsBuilder();
        for (int stage = 2; stage + 1 < arguments.length; stage++) {
            builder.stream(arguments[stage], Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                    .to(arguments[stage + 1], Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        }
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        CountDownLatch failed = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR) {
                failed.countDown();
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(STOP)));
        streams.start();
        failed.await();
        System.exit(1);
    }
}
