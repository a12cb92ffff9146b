#include "adapters/opensearch/connection.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/base/text_parts.h"
#include "core/records/json_fields.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

// Ten thousand documents of a page, and no more than a process can bear.
constexpr uint64_t kMaxAnswerBytes = uint64_t{1} << 30;

struct Problem {
  std::string type;
  std::string reason;
};

// {"error": {"type": …, "reason": …, "root_cause": [{…}]}}; proxies answer with other things.
Problem ProblemOf(std::string_view body) {
  boost::system::error_code failed;
  const auto value = bj::parse(bj::string_view(body.data(), body.size()), failed);
  if (failed || !value.is_object()) return {};
  const auto* error = value.as_object().if_contains("error");
  if (error == nullptr || !error->is_object()) return {};
  const bj::object* object = &error->as_object();
  if (const auto* causes = object->if_contains("root_cause");
      causes != nullptr && causes->is_array() && !causes->as_array().empty() && causes->as_array()[0].is_object())
    object = &causes->as_array()[0].as_object();
  const auto text = [&](const char* name) {
    const auto* found = object->if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  return {text("type"), text("reason")};
}

std::optional<std::chrono::milliseconds> Seconds(std::string_view text) {
  const auto seconds = ParseInteger<int>(text);
  if (!seconds || *seconds < 0) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

Secret BasicAuthorization(const std::string& user, const Secret& password) {
  if (user.empty()) return {};
  const Secret plain(user + ":" + password.Expose());
  const auto& text = plain.Expose();
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');  // with the NUL that OpenSSL appends
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  encoded.pop_back();
  return Secret("Basic " + std::move(encoded));
}

}  // namespace

Connection::Connection(http::Origin origin, std::shared_ptr<http::Sender> sender, const std::string& user,
                       const Secret& password)
    : origin_(std::move(origin)),
      sender_(std::move(sender)),
      authorization_(BasicAuthorization(user, password)),
      location_(origin_.url()) {}

Result<Answer> Connection::Send(Call call) {
  http::Request request;
  request.method = std::move(call.method);
  request.origin = origin_;
  request.path = std::move(call.path);
  request.query = std::move(call.query);
  request.headers.emplace_back("Accept", "application/json");
  if (!call.body.empty())
    request.headers.emplace_back("Content-Type",
                                 call.body.back() == '\n' ? "application/x-ndjson" : "application/json");
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_.Expose());
  request.body = http::Body::Of(std::move(call.body));
  request.max_response_bytes = kMaxAnswerBytes;
  request.timeouts.connect = std::min(request.timeouts.connect, call.timeout);
  request.timeouts.total = call.timeout;
  request.operation = "opensearch";
  auto outcome = sender_->Send(std::move(request));
  if (!outcome.response) {
    auto error = std::move(outcome.response).error();
    if (error.code == ErrorCode::kDeadlineExceeded)
      error.message = fmt::format("OpenSearch at {} did not answer within {} s", location_,
                                  std::chrono::duration<double>(call.timeout).count());
    else if (error.code == ErrorCode::kUnavailable)
      error.message = fmt::format("OpenSearch at {} cannot be reached: {}", location_, error.message);
    return std::unexpected(std::move(error));
  }
  return Answer{outcome.response->status, std::move(outcome.response->body),
                std::string(outcome.response->headers.Get("Retry-After"))};
}

Result<std::string> Connection::Ask(Call call) {
  SESHAT_ASSIGN(auto answer, Send(std::move(call)));
  if (!answer.ok()) return std::unexpected(ErrorOf(answer));
  return std::move(answer.body);
}

Error Connection::ErrorOf(const Answer& answer) const {
  const auto problem = ProblemOf(answer.body);
  const auto is = [&](std::string_view type) { return problem.type == type; };
  const std::string said = problem.reason.empty() ? fmt::format("it answered {}", answer.status) : problem.reason;
  const auto error = [&](ErrorCode code, std::string_view what) {
    return Error{code, fmt::format("OpenSearch at {} {}: {}", location_, what, said)};
  };
  // 403, and 429 where the disk is full: either way nothing can be written for now.
  if (is("cluster_block_exception"))
    return error(ErrorCode::kUnavailable, "takes no writes now (is its disk full, or the index read-only?)");
  switch (answer.status) {
    case 400:
      return error(ErrorCode::kInvalidArgument, "refused the request");
    case 401:
      return error(ErrorCode::kUnauthenticated, "does not know us; check metadata.user and its password");
    case 403:
      return error(ErrorCode::kPermissionDenied, "does not allow this");
    case 404:
      return error(ErrorCode::kNotFound, "has no such thing");
    case 408:
    case 504:
      return error(ErrorCode::kDeadlineExceeded, "did not finish in time");
    case 409:
      return error(ErrorCode::kAlreadyExists, "sees a conflict");
    case 413:
      return error(ErrorCode::kResourceExhausted, "takes no request of this size; raise its http.max_content_length");
    case 429: {
      auto busy = error(ErrorCode::kUnavailable, "has too much to do now, try again");
      busy.retry_after = Seconds(answer.retry_after);
      return busy;
    }
    default:
      break;
  }
  if (answer.status >= 500) return error(ErrorCode::kUnavailable, "cannot answer now");
  return error(ErrorCode::kInternal, "answered something unexpected");
}

std::string ErrorType(std::string_view body) { return ProblemOf(body).type; }

std::string PathSegment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace seshat::opensearch
