// SNS and SQS in one process: a Sender that answers as they do on the wire. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sns_sqs/model_sqs.h"
#include "platform/http/sender.h"

namespace seshat::testing {

struct ModelLink {
  std::string arn;
  std::string queue_arn;
  std::map<std::string, std::string> attributes;
};

class ModelAws : public http::Sender {
 public:
  static constexpr const char* kRegion = "eu-central-1";
  static constexpr const char* kAccount = "123456789012";

  explicit ModelAws(Clock& clock) : sqs_(clock) {}

  http::Outcome Send(http::Request request, std::stop_token stop) override;

  void AddTopic(const std::string& name);
  ModelSqs& sqs() { return sqs_; }
  std::vector<std::string> operations() const;  // of all requests so far: "sns:Publish"
  // The next `entries` entries of published batches fail; as the caller's fault, or the service's own.
  void FailPublished(int entries, bool senders_fault = false);
  // Answers instead of the services where it answers anything.
  using Instead = std::function<std::optional<http::Response>(const http::Request&)>;
  void set_instead(Instead instead) { instead_ = std::move(instead); }
  std::atomic<int> copies{1};  // of each notification that reaches a queue

 private:
  using Form = std::map<std::string, std::string>;
  std::string CallSns(const Form& form);
  std::string PublishBatch(const Form& form);
  void Publish(const std::string& topic, const std::string& message, const std::string& type);
  std::string Subscribe(const Form& form);
  ModelLink& FindLink(const std::string& arn);

  ModelSqs sqs_;
  Instead instead_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<ModelLink>> topics_;  // by ARN
  std::map<std::string, std::map<std::string, std::string>> topic_attributes_;
  std::vector<std::string> operations_;
  int failing_ = 0;
  bool senders_fault_ = false;
};

}  // namespace seshat::testing
