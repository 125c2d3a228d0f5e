import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** Runs a name node on a port and one data node, in this process, until standard input ends. */
public class MiniHdfs {
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.set("hdfs.minidfs.basedir", arguments[1]);
        settings.setBoolean("dfs.permissions.enabled", false);
        MiniDFSCluster cluster =
            new MiniDFSCluster.Builder(settings).nameNodePort(Integer.parseInt(arguments[0])).numDataNodes(1).build();
        cluster.waitActive();
        System.out.println("ready " + cluster.getURI());
        while (System.in.read() >= 0) {}
        cluster.shutdown(true);
    }
}
