#include "adapters/sns_sqs/message_body.h"

#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/records/json_fields.h"

namespace seshat::sns_sqs {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool Same(const Event& a, const Event& b) {
  return a.id == b.id && a.type == b.type && a.source == b.source && a.subject == b.subject && a.time == b.time &&
         a.traceparent == b.traceparent && a.data == b.data;
}

// Outside of strings JSON is ASCII, so that every U+FFFE and U+FFFF stands inside one.
std::string EscapeNonCharacters(std::string json) {
  for (size_t at = json.find("\xEF\xBF"); at != std::string::npos; at = json.find("\xEF\xBF", at + 1)) {
    if (at + 2 >= json.size()) break;
    const char last = json[at + 2];
    if (last == '\xBE') json.replace(at, 3, "\\ufffe");
    if (last == '\xBF') json.replace(at, 3, "\\uffff");
  }
  return json;
}

}  // namespace

Result<std::string> WriteMessageBody(const Event& event) {
  std::string json = records::EncodeEvent(event);
  const auto back = records::DecodeEvent(json);
  if (!back || !Same(*back, event))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("event '{}' cannot be sent: its data must be a compact JSON object, and all of it UTF-8",
                            EscapeForTerminal(event.id.substr(0, 100))));
  return EscapeNonCharacters(std::move(json));
}

Result<Event> ReadMessageBody(std::string_view body) {
  {
    SESHAT_ASSIGN(const auto value, json::Parse(body, "message"));
    const auto* object = value.if_object();
    if (object == nullptr) return Fail(ErrorCode::kDataLoss, "the message is no JSON object");
    if (!object->contains("specversion")) {
      const auto* type = object->if_contains("Type");
      const auto* inner = object->if_contains("Message");
      if (type == nullptr || !type->is_string() || type->get_string() != "Notification" || inner == nullptr ||
          !inner->is_string())
        return Fail(ErrorCode::kDataLoss, "the message is neither an event nor a notification of SNS");
      return records::DecodeEvent(std::string_view(inner->get_string()));
    }
  }
  return records::DecodeEvent(body);
}

std::string SafeText(std::string_view text, size_t most) {
  std::string safe;
  while (!text.empty()) {
    const auto point = DecodeUtf8(text);
    const size_t taken = point ? point->bytes : 1;
    const bool fits = point && (point->value >= 0x20 || point->value == '\t' || point->value == '\n') &&
                      point->value != 0xFFFE && point->value != 0xFFFF;
    const std::string_view piece = fits ? text.substr(0, taken) : kReplacement;
    if (safe.size() + piece.size() > most) break;
    safe += piece;
    text.remove_prefix(taken);
  }
  return safe;
}

}  // namespace seshat::sns_sqs
