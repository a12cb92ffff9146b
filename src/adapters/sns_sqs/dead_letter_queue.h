// The queue of a subscription's dead letters, as a list that can be read without losing anything. Internal to this
// adapter.
//
// SQS has no such list: messages can only be received. Reading takes all of them for a while and gives them back; two
// readers at the same moment each see a part. What dies while a call runs may be missed by it.
//
// Letters come here in two ways. Retry on the last attempt puts them here together with the reason and the number of
// attempts. Where a consumer just lets the last lease end, SQS itself moves the message when it is received next.
//
// Thread safety: all methods, from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sns_sqs/sqs_client.h"
#include "ports/event_bus.h"

namespace seshat::sns_sqs {

class DeadLetterQueue {
 public:
  // An empty answer after `drain_wait` (whole seconds) means that the queue is empty: 1 s makes SQS ask all its
  // servers, 0 only some.
  DeadLetterQueue(SqsClient& sqs, std::string url, std::chrono::seconds drain_wait)
      : sqs_(sqs), url_(std::move(url)), drain_wait_(drain_wait) {}

  // Needs sqs:SendMessage on this queue.
  ServiceStatus Bury(std::string_view body, uint32_t attempts, std::string_view reason);

  // All of them, the oldest first. `attempts` stands in where SQS moved the message. Needs sqs:ReceiveMessage and
  // sqs:ChangeMessageVisibility.
  ServiceResult<std::vector<DeadLetter>> List(uint32_t attempts);

  // Sends those with these ids, or all where there are none, to `source_url` and removes them here. Answers how many.
  // A crash in between leaves an event in both queues, never in none. Needs sqs:SendMessage there, sqs:ReceiveMessage,
  // sqs:DeleteMessage and sqs:ChangeMessageVisibility here.
  ServiceResult<uint64_t> Redrive(const std::string& source_url, std::span<const std::string> ids);

 private:
  ServiceResult<std::vector<SqsMessage>> TakeAll();
  void GiveBack(std::span<const SqsMessage> messages);
  ServiceStatus Move(const std::string& source_url, std::span<const SqsMessage> batch);

  SqsClient& sqs_;
  std::string url_;
  std::chrono::seconds drain_wait_;
};

// Where a letter stands in the order of List: to be compared as text.
std::string PlaceOf(const DeadLetter& letter);

}  // namespace seshat::sns_sqs
