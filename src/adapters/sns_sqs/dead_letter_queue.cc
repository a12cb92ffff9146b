#include "adapters/sns_sqs/dead_letter_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "adapters/sns_sqs/message_body.h"

namespace seshat::sns_sqs {
namespace {

using std::chrono::seconds;

constexpr std::string_view kReasonAttribute = "seshat-reason";
constexpr std::string_view kAttemptsAttribute = "seshat-attempts";
constexpr size_t kMaxReasonBytes = 2048;
// How long the letters are taken for: enough for a hundred thousand of them at SQS's pace.
constexpr seconds kTaken{900};
constexpr size_t kMaxBytesInBatch = 256 * 1024;  // of SQS's 1 MiB, for stores that kept the older limit
constexpr size_t kShownOfUnreadable = 1000;

std::string_view AttributeOf(const SqsMessage& message, std::string_view name) {
  const auto it = message.attributes.find(name);
  return it == message.attributes.end() ? std::string_view() : it->second;
}

// What cannot be read is shown all the same, so that it can be found and removed.
Event Unreadable(const SqsMessage& message) {
  Event event;
  event.id = message.id;
  event.type = "unreadable";
  event.time = message.sent_at;
  event.data = SafeText(message.body, kShownOfUnreadable);
  return event;
}

DeadLetter LetterOf(const SqsMessage& message, uint32_t attempts) {
  DeadLetter letter;
  letter.id = message.id;
  letter.attempts = attempts;
  const auto text = AttributeOf(message, kAttemptsAttribute);
  std::from_chars(text.data(), text.data() + text.size(), letter.attempts);
  letter.reason = AttributeOf(message, kReasonAttribute);
  letter.died_at = message.sent_at;
  auto event = ReadMessageBody(message.body);
  letter.event = event ? *std::move(event) : Unreadable(message);
  return letter;
}

std::vector<std::string> ReceiptsOf(std::span<const SqsMessage> messages) {
  std::vector<std::string> receipts;
  for (const auto& message : messages) receipts.push_back(message.receipt);
  return receipts;
}

size_t FitsInBatch(std::span<const SqsMessage> messages) {
  size_t bytes = 0;
  size_t count = 0;
  while (count < messages.size() && count < kMaxInBatch) {
    bytes += messages[count].body.size();
    if (count > 0 && bytes > kMaxBytesInBatch) break;
    ++count;
  }
  return count;
}

ServiceStatus FirstOf(const ServiceResult<std::vector<BatchFailure>>& failures, std::string_view what) {
  if (!failures) return std::unexpected(failures.error());
  if (failures->empty()) return {};
  const BatchFailure& first = failures->front();
  return std::unexpected(ServiceError{{first.senders_fault ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                                       fmt::format("{} of {} messages could not be {}: {} {}", failures->size(),
                                                   kMaxInBatch, what, first.code, SafeText(first.message, 300))},
                                      first.code,
                                      first.message});
}

}  // namespace

std::string PlaceOf(const DeadLetter& letter) {
  return fmt::format("{:020}.{}", letter.died_at.time_since_epoch().count(), letter.id);
}

ServiceStatus DeadLetterQueue::Bury(std::string_view body, uint32_t attempts, std::string_view reason) {
  OutgoingMessage message{.body = std::string(body)};
  message.attributes.emplace(kAttemptsAttribute, std::to_string(attempts));
  if (auto text = SafeText(reason, kMaxReasonBytes); !text.empty())
    message.attributes.emplace(kReasonAttribute, std::move(text));
  return FirstOf(sqs_.Send(url_, {&message, 1}), "sent");
}

ServiceResult<std::vector<SqsMessage>> DeadLetterQueue::TakeAll() {
  std::vector<SqsMessage> all;
  std::unordered_map<std::string, size_t> places;
  while (true) {
    auto some = sqs_.Receive(url_, {.wait = drain_wait_, .invisible = kTaken});
    if (!some) {
      GiveBack(all);
      return std::unexpected(std::move(some).error());
    }
    bool again = false;  // one that comes twice: its time here was over, and so it will be for the others
    for (auto& message : *some) {
      const auto [place, is_new] = places.emplace(message.id, all.size());
      again |= !is_new;
      if (is_new) {
        all.push_back(std::move(message));
      } else {
        all[place->second].receipt = message.receipt;
      }
    }
    if (some->empty() || again) return all;
  }
}

// Best effort: what is not given back comes back by itself when its time is over.
void DeadLetterQueue::GiveBack(std::span<const SqsMessage> messages) {
  for (size_t i = 0; i < messages.size(); i += kMaxInBatch) {
    const auto batch = messages.subspan(i, std::min(kMaxInBatch, messages.size() - i));
    if (!sqs_.ChangeVisibility(url_, ReceiptsOf(batch), seconds(0))) return;
  }
}

ServiceResult<std::vector<DeadLetter>> DeadLetterQueue::List(uint32_t attempts) {
  auto messages = TakeAll();
  if (!messages) return std::unexpected(std::move(messages).error());
  GiveBack(*messages);
  std::vector<DeadLetter> letters;
  for (const auto& message : *messages) letters.push_back(LetterOf(message, attempts));
  std::ranges::sort(letters, {}, PlaceOf);
  return letters;
}

ServiceStatus DeadLetterQueue::Move(const std::string& source_url, std::span<const SqsMessage> batch) {
  std::vector<OutgoingMessage> outgoing;
  for (const auto& message : batch) outgoing.push_back({.body = message.body});
  if (auto sent = FirstOf(sqs_.Send(source_url, outgoing), "sent"); !sent) return sent;
  return FirstOf(sqs_.Delete(url_, ReceiptsOf(batch)), "removed from the dead letters");
}

ServiceResult<uint64_t> DeadLetterQueue::Redrive(const std::string& source_url, std::span<const std::string> ids) {
  // All are taken before the first is sent: a consumer that fails at once again cannot keep this going for ever.
  auto messages = TakeAll();
  if (!messages) return std::unexpected(std::move(messages).error());
  const auto wanted = [&](const SqsMessage& m) { return ids.empty() || std::ranges::find(ids, m.id) != ids.end(); };
  const auto rest = std::ranges::stable_partition(*messages, wanted);
  const auto chosen = std::span(messages->begin(), rest.begin());
  GiveBack(rest);
  for (size_t done = 0; done < chosen.size();) {
    const auto batch = chosen.subspan(done, FitsInBatch(chosen.subspan(done)));
    if (auto moved = Move(source_url, batch); !moved) {
      GiveBack(chosen.subspan(done));
      return std::unexpected(std::move(moved).error());
    }
    done += batch.size();
  }
  return chosen.size();
}

}  // namespace seshat::sns_sqs
