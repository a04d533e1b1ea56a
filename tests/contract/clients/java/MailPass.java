import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import mailpass.ApiClient;
import mailpass.ApiException;
import mailpass.api.OtpApi;
import mailpass.model.Failure;
import mailpass.model.ResendOtp;
import mailpass.model.SendOtp;
import mailpass.model.SentAnswer;
import mailpass.model.VerifyOtp;

final class MailPass {
  static Map<String, Object> run() throws Exception {
    var api = connect(Stage.KEY);
    var session = send(api, Stage.RECIPIENT).getData().getSessionId();
    var wrong = new VerifyOtp().sessionId(session).code(Stage.other(Stage.delivered("newest")));
    var again = new ResendOtp().sessionId(session);

    var saw = new LinkedHashMap<String, Object>();
    saw.put("wrong code", refusal(() -> api.verifyOtp(wrong)));
    var status = api.getOtpStatus(session).getData();
    saw.put("status", List.of(status.getStatus(), status.getAttempts(), status.getMaxAttempts()));
    saw.put("resend keeps the session", api.resendOtp(again).getData().getSessionId().equals(session));
    var right = new VerifyOtp().sessionId(session).code(Stage.delivered("newest"));
    saw.put("right code", api.verifyOtp(right).getData().getVerified());
    saw.put("again", refusal(() -> api.verifyOtp(right)));
    saw.put("status afterwards", api.getOtpStatus(session).getData().getStatus());
    saw.put("resend afterwards", refusal(() -> api.resendOtp(again)));
    saw.put("malformed address", refusal(() -> send(api, "nobody")));
    saw.put("unknown session", refusal(() -> api.getOtpStatus("0".repeat(32))));
    saw.put("wrong key", refusal(() -> send(connect("wrong"), Stage.RECIPIENT)));
    return saw;
  }

  private static OtpApi connect(String key) {
    var client = new ApiClient();
    client.updateBaseUri(Stage.SERVER);
    return new OtpApi(client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key)));
  }

  private static SentAnswer send(OtpApi api, String email) throws ApiException {
    return api.sendOtp(new SendOtp().email(email).template(SendOtp.TemplateEnum.LOGIN));
  }

  private static List<Object> refusal(Callable<?> call) throws Exception {
    try {
      return List.of("not refused", call.call());
    } catch (ApiException refused) {
      var body = new ObjectMapper().readValue(refused.getResponseBody(), Failure.class);
      return List.of(refused.getCode(), body.getError().getCode());
    }
  }
}
