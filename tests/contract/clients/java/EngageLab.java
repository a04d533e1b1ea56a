import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import engagelab.ApiClient;
import engagelab.ApiException;
import engagelab.api.MessagesApi;
import engagelab.api.TemplatesApi;
import engagelab.api.VerificationsApi;
import engagelab.model.CustomTemplateRef;
import engagelab.model.Error;
import engagelab.model.MessageAccepted;
import engagelab.model.SendCustomMessage;
import engagelab.model.SendMessage;
import engagelab.model.TemplateRef;
import engagelab.model.TemplateSummary;
import engagelab.model.VerifyCode;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

final class EngageLab {
  static Map<String, Object> run() throws Exception {
    var client = connect(Stage.SECRET);
    var messages = new MessagesApi(client);
    var sent = send(messages, Stage.RECIPIENT, "otp");
    var code = Stage.delivered(sent.getMessageId());
    var right = new VerifyCode().messageId(sent.getMessageId()).verifyCode(code);
    var wrong = new VerifyCode().messageId(sent.getMessageId()).verifyCode(Stage.other(code));
    var verifications = new VerificationsApi(client);
    var custom = new CustomTemplateRef().id("otp").params(Map.of("name", "Ada", "code", "398210"));
    var list = new SendCustomMessage().to(List.of(Stage.RECIPIENT)).template(custom);
    var templates = new TemplatesApi(client).listTemplates().stream().map(TemplateSummary::getTemplateId);
    var stranger = new MessagesApi(connect("wrong"));

    var saw = new LinkedHashMap<String, Object>();
    saw.put("send", sent.getSendChannel());
    saw.put("wrong code", verifications.verifyCode(wrong).getVerified());
    saw.put("right code", verifications.verifyCode(right).getVerified());
    saw.put("again", refusal(() -> verifications.verifyCode(right)));
    saw.put("targets in a list", messages.sendCustomMessage(list).getSendChannel());
    saw.put("templates", templates.toList());
    saw.put("malformed number", refusal(() -> send(messages, "12345", "otp")));
    saw.put("unknown template", refusal(() -> send(messages, Stage.RECIPIENT, "nothing")));
    saw.put("wrong secret", refusal(() -> send(stranger, Stage.RECIPIENT, "otp")));
    return saw;
  }

  private static ApiClient connect(String secret) {
    var login = Base64.getEncoder().encodeToString((Stage.KEY + ":" + secret).getBytes(UTF_8));
    var client = new ApiClient();
    client.updateBaseUri(Stage.SERVER);
    return client.setRequestInterceptor(request -> request.header("Authorization", "Basic " + login));
  }

  private static MessageAccepted send(MessagesApi messages, String to, String id) throws ApiException {
    var template = new TemplateRef().id(id).params(Map.of("name", "Ada"));
    return messages.sendMessage(new SendMessage().to(to).template(template));
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
