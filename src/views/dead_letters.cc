#include "views/dead_letters.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"
#include "core/records/json_fields.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kDeadLetterFields[] = {
    {"id", FieldType::kText, "for redrive"},
    {"subscription", FieldType::kText, "whose consumers gave it up"},
    {"type", FieldType::kText, "of the event"},
    {"session", FieldType::kText, "that it is about"},
    {"attempts", FieldType::kNumber, "that were made"},
    {"reason", FieldType::kText, "of the last one; empty where the bus keeps none"},
    {"died_at", FieldType::kTime, "when it was given up"},
    {"traceparent", FieldType::kText, "of the event"},
    {"data", FieldType::kAny, "of the event; a text where it is no JSON"},
};
constexpr Field kDeadLetterListFields[] = {
    {"letters", FieldType::kObjects, "the oldest of each subscription first", Presence::kAlways, &kDeadLetter},
};
constexpr Field kRedrivenFields[] = {
    {"redriven", FieldType::kNumber, "how many are delivered again"},
};

// What the event is about, as far as it can be read.
bj::value DataOf(const Event& event) {
  auto data = records::json::Parse(event.data, "event data");
  return data ? std::move(*data) : bj::value(ReplaceInvalidUtf8(event.data));
}

}  // namespace

constinit const Table kDeadLetter{"DeadLetter", kDeadLetterFields};
constinit const Table kDeadLetterList{"DeadLetterList", kDeadLetterListFields};
constinit const Table kRedriven{"Redriven", kRedrivenFields};

bj::object JsonOf(const std::vector<operations::Letter>& letters) {
  bj::array all;
  for (const auto& [subscription, letter] : letters)
    all.push_back({{"id", letter.id},
                   {"subscription", subscription},
                   {"type", letter.event.type},
                   {"session", letter.event.subject},
                   {"attempts", letter.attempts},
                   {"reason", ReplaceInvalidUtf8(letter.reason)},
                   {"died_at", FormatTimestamp(letter.died_at)},
                   {"traceparent", letter.event.traceparent},
                   {"data", DataOf(letter.event)}});
  return {{"letters", std::move(all)}};
}

bj::object JsonOfRedriven(uint64_t count) { return {{"redriven", count}}; }

}  // namespace seshat::views
