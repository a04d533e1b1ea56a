import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** What the suite tells the programs, and whoever reads the messages. */
final class Stage {
  static final String SERVER = System.getenv("VERIFYD_URL");
  static final String KEY = System.getenv("VERIFYD_KEY");
  static final String SECRET = System.getenv("VERIFYD_SECRET");
  static final String RECIPIENT = System.getenv("RECIPIENT");

  /** The code in a message: of an id, or the "newest". */
  static String delivered(String message) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(System.getenv("SINK") + "/code/" + message));
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString()).body();
  }

  /** A code of the same form that is wrong. */
  static String other(String code) {
    return (code.startsWith("0") ? "1" : "0") + code.substring(1);
  }
}
