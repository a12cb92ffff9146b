// Queues as AWS documents SQS to behave, in memory and on a clock that the test moves: leases, receipts that are good
// for the last delivery only, dead letters on the receive after the last one, no promised order. It speaks the wire's
// JSON, so that the client is tested with it.
#pragma once

#include <boost/json.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "ports/clock.h"

namespace seshat::testing {

struct ModelMessage {
  std::string id;
  std::string body;
  boost::json::object attributes;
  Timestamp sent_at{};
  Timestamp visible_at{};
  uint32_t received = 0;
  std::string receipt;  // of the last delivery
  std::vector<std::string> old_receipts;
};

struct ModelQueue {
  std::map<std::string, std::string> attributes;
  std::vector<ModelMessage> messages;
};

// What went wrong, for the caller to put on the wire.
struct ModelRefusal {
  std::string code;
  std::string message;
};

class ModelSqs {
 public:
  explicit ModelSqs(Clock& clock) : clock_(clock) {}

  // One request: the answer's JSON, or throws ModelRefusal. Blocks as long polls do.
  boost::json::object Call(const std::string& action, const boost::json::object& request, const std::stop_token& stop);
  void Deliver(const std::string& queue, const std::string& body, const boost::json::object& attributes);

  // The next `entries` entries of batches fail and nothing happens to them.
  void FailEntries(int entries);
  ModelQueue Copy(const std::string& queue);
  bool Has(const std::string& queue);

 private:
  using Object = boost::json::object;
  ModelQueue& Find(const Object& request);
  Object Create(const Object& request);
  Object Receive(const Object& request, const std::stop_token& stop);
  Object ReceiveNow(ModelQueue& queue, const Object& request);
  Object Batch(const Object& request, void (ModelSqs::*each)(ModelQueue&, const Object&));
  void SendOne(ModelQueue& queue, const Object& entry);
  void DeleteOne(ModelQueue& queue, const Object& entry);
  void ChangeOne(ModelQueue& queue, const Object& entry);
  Object Attributes(const Object& request);
  void Add(ModelQueue& queue, ModelMessage message);
  void Wake();

  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, ModelQueue> queues_;
  std::vector<std::stop_source*> sleepers_;
  std::mt19937 shuffle_{1};
  uint64_t number_ = 0;
  int failing_ = 0;
};

}  // namespace seshat::testing
