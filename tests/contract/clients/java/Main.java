import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** Runs the client of the API that the command line names; prints what it saw as one JSON object. */
final class Main {
  public static void main(String[] words) throws Exception {
    Map<String, Object> saw =
        switch (words[0]) {
          case "airtexts" -> AirTexts.run();
          case "engagelab" -> EngageLab.run();
          case "mailpass" -> MailPass.run();
          case "optora" -> Optora.run();
          default -> throw new IllegalArgumentException(words[0]);
        };
    System.out.println(new ObjectMapper().writeValueAsString(saw));
  }
}
