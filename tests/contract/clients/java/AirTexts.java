import airtexts.ApiClient;
import airtexts.ApiException;
import airtexts.api.OtpApi;
import airtexts.api.ReportsApi;
import airtexts.model.Error;
import airtexts.model.OtpSent;
import airtexts.model.ResendOtp;
import airtexts.model.SendOtp;
import airtexts.model.VerifyOtp;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

final class AirTexts {
  private static final String APPID = "contract";

  static Map<String, Object> run() throws Exception {
    var client = connect(Stage.SECRET);
    var otps = new OtpApi(client);
    var reports = new ReportsApi(client);
    var sent = send(otps, APPID, Stage.RECIPIENT);
    var id = sent.getVerificationId();
    var wrong = verification(id).otpCode(Stage.other(Stage.delivered("newest")));

    var saw = new LinkedHashMap<String, Object>();
    saw.put("send", List.of(sent.getData().getStatus(), sent.getData().getDeliveryStatus()));
    saw.put("wrong code", refusal(() -> otps.verifyOtp(wrong)));
    var status = reports.getStatusById(id).getData();
    saw.put("status", List.of(status.getStatus(), status.getAttempts()));
    var resent = otps.resendOtp(new ResendOtp().appid(APPID).verificationId(id));
    saw.put("resends", resent.getData().getResendCount());
    var right = verification(id).otpCode(Stage.delivered("newest"));
    saw.put("right code", otps.verifyOtp(right).getVerified());
    saw.put("again", refusal(() -> otps.verifyOtp(right)));
    var newest = reports.getStatus(null, APPID, Stage.RECIPIENT, null, null);
    saw.put("newest of the recipient", newest.getStatus());
    var list = reports.listOtps(APPID, Stage.RECIPIENT, null, null, null, null, null, null, null, null);
    saw.put("listed", list.getData().getTotal());
    saw.put("malformed number", refusal(() -> send(otps, APPID, "12345")));
    saw.put("foreign appid", refusal(() -> send(otps, "foreign", Stage.RECIPIENT)));
    saw.put("unknown OTP", refusal(() -> reports.getStatusById("otp_0000000000000000")));
    var stranger = new OtpApi(connect("wrong"));
    saw.put("wrong secret", refusal(() -> send(stranger, APPID, Stage.RECIPIENT)));
    return saw;
  }

  private static ApiClient connect(String secret) {
    var client = new ApiClient();
    client.updateBaseUri(Stage.SERVER);
    return client.setRequestInterceptor(
        request -> request.header("X-API-Key", Stage.KEY).header("X-API-Secret", secret));
  }

  private static OtpSent send(OtpApi otps, String appid, String recipient) throws ApiException {
    return otps.sendOtp(new SendOtp().appid(appid).recipient(recipient));
  }

  private static VerifyOtp verification(String id) {
    return new VerifyOtp().appid(APPID).verificationId(id);
  }

  private static List<Object> refusal(Callable<?> call) throws Exception {
    try {
      return List.of("not refused", call.call());
    } catch (ApiException refused) {
      var body = new ObjectMapper().readValue(refused.getResponseBody(), Error.class);
      return List.of(refused.getCode(), body.getCode());
    }
  }
}
