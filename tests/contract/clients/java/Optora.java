import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import optora.ApiClient;
import optora.ApiException;
import optora.api.CodesApi;
import optora.api.LinksApi;
import optora.api.StatusApi;
import optora.model.Error;
import optora.model.Generate;
import optora.model.SendLink;
import optora.model.Verify;

final class Optora {
  static Map<String, Object> run() throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(Stage.SERVER);
    var codes = new CodesApi(client);
    var states = new StatusApi(client);
    var sent = codes.generateOtp(new Generate().email(Stage.RECIPIENT));
    var code = Stage.delivered("newest");
    var right = new Verify().email(Stage.RECIPIENT).otp(code);
    var wrong = new Verify().email(Stage.RECIPIENT).otp(Stage.other(code));

    var saw = new LinkedHashMap<String, Object>();
    saw.put("send", sent.getMode());
    saw.put("wrong code", refusal(() -> codes.verifyOtp(wrong)));
    var resent = codes.generateOtp(new Generate().email(Stage.RECIPIENT));
    saw.put("resend keeps the request", resent.getRequestId().equals(sent.getRequestId()));
    saw.put("right code", codes.verifyOtp(right).getVerified());
    saw.put("again", refusal(() -> codes.verifyOtp(right)));
    var known = states.getStatus(sent.getRequestId());
    saw.put("status", List.of(known.getFound(), known.getVerified()));
    var unknown = states.getStatus("0".repeat(32));
    saw.put("unknown request", List.of(unknown.getFound(), unknown.getExpired()));
    var link = new SendLink().email("link." + Stage.RECIPIENT);
    saw.put("link", new LinksApi(client).sendLink(link).getMode());
    saw.put("malformed address", refusal(() -> codes.generateOtp(new Generate().email("nobody"))));
    return saw;
  }

  private static List<Object> refusal(Callable<?> call) throws Exception {
    try {
      return List.of("not refused", call.call());
    } catch (ApiException refused) {
      var body = new ObjectMapper().readValue(refused.getResponseBody(), Error.class);
      return List.of(refused.getCode(), body.getError());
    }
  }
}
