#include "views/run.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kRunFields[] = {
    {"idle", FieldType::kBoolean, "whether nothing was left to do"},
    {"waiting_for", FieldType::kText, "the first thing that was left; empty when idle"},
    {"sessions", FieldType::kNumber,
     "searchable sessions; of an agent by itself, those it has stored; null of workers by themselves",
     Presence::kNullable},
    {"files", FieldType::kNumber, "their files", Presence::kNullable},
    {"bytes", FieldType::kNumber, "their bytes", Presence::kNullable},
    {"results", FieldType::kNumber, "files of post-processed data; null where nothing is indexed here",
     Presence::kNullable},
    {"store", FieldType::kText, "where they lie"},
    {"unfinished", FieldType::kNumber, "sessions that wait for something that no clock brings"},
    {"partial", FieldType::kNumber, "sessions with entries that could not be stored"},
    {"conflicts", FieldType::kNumber, "sessions whose id belongs to another source"},
    {"refused", FieldType::kNumber, "names that cannot be session ids"},
    {"dead_letters", FieldType::kNumber, "events that were given up"},
};

}  // namespace

constinit const Table kRun{"Run", kRunFields};

bj::object JsonOf(const Run& run) {
  const operations::PipelineState& state = run.state;
  bj::object all{{"idle", state.idle},       {"waiting_for", ReplaceInvalidUtf8(state.waiting_for)},
                 {"sessions", nullptr},      {"files", nullptr},
                 {"bytes", nullptr},         {"results", nullptr},
                 {"store", run.store},       {"unfinished", state.unfinished},
                 {"partial", state.partial}, {"conflicts", state.conflicts},
                 {"refused", state.refused}, {"dead_letters", state.dead}};
  if (run.summary) {
    all["sessions"] = run.summary->sessions;
    all["files"] = run.summary->files;
    all["bytes"] = run.summary->bytes;
    if (run.summary->results) all["results"] = *run.summary->results;
  }
  return all;
}

}  // namespace seshat::views
