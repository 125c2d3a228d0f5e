import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler;

/** Runs a resource manager and two node managers of YARN's, in this process, and says in yarn-site.xml where. */
public class MiniYarn {
    public static void main(String[] arguments) throws Exception {
        YarnConfiguration settings = new YarnConfiguration();
        settings.set("yarn.nodemanager.vmem-check-enabled", "false");
        settings.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", "4096");
        settings.set("yarn.scheduler.minimum-allocation-mb", "256");
        settings.set("yarn.resourcemanager.scheduler.class", FifoScheduler.class.getName());
        MiniYARNCluster cluster = new MiniYARNCluster("yarn", 2, 1, 1);
        cluster.init(settings);
        cluster.start();
        Path written = Path.of(arguments[0], "written");
        try (FileOutputStream file = new FileOutputStream(written.toFile())) {
            cluster.getConfig().writeXml(file);
        }
        Files.move(written, Path.of(arguments[0], "yarn-site.xml"));
        Thread.currentThread().join();
    }
}
