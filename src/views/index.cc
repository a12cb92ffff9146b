#include "views/index.h"

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kIndexStatusFields[] = {
    {"location", FieldType::kText, "where the index is"},
    {"documents", FieldType::kNumber, "sessions in it"},
    {"rebuilding", FieldType::kBoolean, "whether a rebuild is going on, or was broken off"},
    {"details", FieldType::kNamed, "of the engine, for people"},
    {"bytes", FieldType::kNumber, "on disk, where the index knows", Presence::kOptional},
};
constexpr Field kReindexedFields[] = {
    {"sessions", FieldType::kNumber, "sessions found in the store"},
    {"indexed", FieldType::kNumber, "of these: in the index again"},
    {"unfinished", FieldType::kNumber, "still being uploaded"},
    {"failed", FieldType::kNumber, "with damaged records"},
    {"failures", FieldType::kTexts, "texts, at most 100"},
};
constexpr Field kReplayedFields[] = {
    {"sessions", FieldType::kNumber, "sessions announced"},     {"events", FieldType::kNumber, "events published"},
    {"unfinished", FieldType::kNumber, "still being uploaded"}, {"failed", FieldType::kNumber, "with damaged records"},
    {"failures", FieldType::kTexts, "texts, at most 100"},
};

}  // namespace

constinit const Table kIndexStatus{"IndexStatus", kIndexStatusFields};
constinit const Table kReindexed{"Reindexed", kReindexedFields};
constinit const Table kReplayed{"Replayed", kReplayedFields};

bj::object JsonOf(const IndexStatus& status) {
  bj::object details;
  for (const auto& [name, value] : status.details) details[name] = value;
  bj::object all{{"location", status.location},
                 {"documents", status.documents},
                 {"rebuilding", status.rebuilding},
                 {"details", std::move(details)}};
  if (status.bytes) all["bytes"] = *status.bytes;
  return all;
}

bj::object JsonOf(const indexing::ReindexProgress& done) {
  return {{"sessions", done.sessions},
          {"indexed", done.indexed},
          {"unfinished", done.unfinished},
          {"failed", done.failed},
          {"failures", bj::value_from(done.failures)}};
}

bj::object JsonOf(const indexing::ReplaySummary& done) {
  return {{"sessions", done.sessions},
          {"events", done.events},
          {"unfinished", done.unfinished},
          {"failed", done.failed},
          {"failures", bj::value_from(done.failures)}};
}

}  // namespace seshat::views
