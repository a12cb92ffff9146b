// The requests to SQS that the bus makes, in the AWS JSON 1.0 protocol. https://docs.aws.amazon.com/AWSSimpleQueueService
//
// Thread safety: all methods, from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sns_sqs/service_reply.h"
#include "core/base/time.h"
#include "platform/http/sender.h"

namespace seshat::sns_sqs {

// SQS's limits.
inline constexpr size_t kMaxInBatch = 10;
inline constexpr std::chrono::seconds kMaxInvisible = std::chrono::hours(12);

struct SqsMessage {
  std::string id;  // stays the same for every delivery
  std::string receipt;
  std::string body;
  uint32_t receive_count = 1;
  Timestamp sent_at{};
  std::map<std::string, std::string, std::less<>> attributes;  // of the message; texts and numbers only
};

struct OutgoingMessage {
  std::string body;
  std::map<std::string, std::string> attributes;  // texts
};

struct ReceiveRequest {
  size_t most = kMaxInBatch;
  std::chrono::seconds wait{0};  // 0–20
  std::chrono::seconds invisible{30};
};

// One of a batch that did not succeed. Where SQS says nothing about an entry, that counts as a fault of its own.
struct BatchFailure {
  size_t index = 0;
  std::string code;
  std::string message;
  bool senders_fault = false;
};

using QueueAttributes = std::map<std::string, std::string>;

class SqsClient {
 public:
  // `sender` signs for the service "sqs" and must outlive the client.
  SqsClient(http::Sender& sender, http::Url endpoint) : sender_(sender), endpoint_(std::move(endpoint)) {}
  const http::Url& endpoint() const { return endpoint_; }

  ServiceResult<std::vector<SqsMessage>> Receive(const std::string& url, const ReceiveRequest& request,
                                                 const std::stop_token& stop = {});
  // Of up to ten each; the failures are answered.
  ServiceResult<std::vector<BatchFailure>> Delete(const std::string& url, std::span<const std::string> receipts);
  ServiceResult<std::vector<BatchFailure>> Send(const std::string& url, std::span<const OutgoingMessage> messages);
  ServiceResult<std::vector<BatchFailure>> ChangeVisibility(const std::string& url,
                                                            std::span<const std::string> receipts,
                                                            std::chrono::seconds invisible);
  ServiceStatus ChangeVisibility(const std::string& url, std::string_view receipt, std::chrono::seconds invisible);

  ServiceResult<QueueAttributes> Attributes(const std::string& url, std::span<const std::string_view> names);
  ServiceStatus SetAttributes(const std::string& url, const QueueAttributes& attributes);
  // Answers the queue's URL.
  ServiceResult<std::string> Create(const std::string& name, const QueueAttributes& attributes);

 private:
  ServiceResult<std::string> Call(std::string_view action, std::string_view permission, std::string body,
                                  std::chrono::milliseconds answer_after, const std::stop_token& stop);

  http::Sender& sender_;
  http::Url endpoint_;
};

// The codes that mean: this receipt names no delivery that is under way (any more).
bool IsEndedReceipt(const ServiceError& error);
// The 12 hours that a delivery can be held have been used up, or would be.
bool IsBeyondLongest(const ServiceError& error);
bool IsNoSuchQueue(const ServiceError& error);

}  // namespace seshat::sns_sqs
