// One OpenSearch cluster over HTTP: requests with a deadline, and its errors as ours.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "platform/http/message.h"
#include "platform/http/sender.h"

namespace seshat::opensearch {

struct Answer {
  int status = 0;
  std::string body;
  std::string retry_after;  // the header, as sent

  bool ok() const { return status >= 200 && status < 300; }
};

// Thread-safe.
class Connection {
 public:
  // `sender` signs, where the cluster wants that; empty `user`: no Authorization header is added.
  Connection(http::Origin origin, std::shared_ptr<http::Sender> sender, const std::string& user,
             const Secret& password);

  struct Call {
    std::string method = "GET";
    std::string path;  // "/alias/_search"
    std::string query;
    std::string body;  // JSON; a bulk request where it ends with a line feed
    std::chrono::milliseconds timeout{30'000};
  };
  // Any status is an answer. kUnavailable and kDeadlineExceeded say in one sentence that OpenSearch is not there, or
  // slow.
  Result<Answer> Send(Call call);
  // The body of a successful answer; otherwise ErrorOf.
  Result<std::string> Ask(Call call);

  Error ErrorOf(const Answer& answer) const;
  const std::string& location() const { return location_; }

 private:
  const http::Origin origin_;
  const std::shared_ptr<http::Sender> sender_;
  const Secret authorization_;
  const std::string location_;
};

// "index_not_found_exception": the type of the error that an answer tells, or empty.
std::string ErrorType(std::string_view body);

// One segment of a path: every byte that is not unreserved as %XX.
std::string PathSegment(std::string_view text);

}  // namespace seshat::opensearch
