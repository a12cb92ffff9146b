#include "services/migration/upload/source_cleanup.h"

#include <fmt/format.h>

#include <span>
#include <utility>
#include <vector>

#include "core/records/keys.h"
#include "ports/span_names.h"
#include "services/migration/base/metric_names.h"
#include "services/migration/upload/session_plan.h"

namespace seshat::migration {
namespace {

constexpr size_t kBatch = 100;

class SessionCleaner {
 public:
  SessionCleaner(UploadContext& context, SourceRuntime& source, SessionRecord record)
      : context_(context), source_(source), record_(std::move(record)) {}

  Status Run() {
    SESHAT_ASSIGN(const auto now, FingerprintNow(source_, record_.session.id, context_.stop));
    // The scan sees the change and the upload stores it; empty: a crash came before the note was written.
    if (now != record_.progress.settled && !now.empty()) return {};
    Span span = context_.ports.tracer.Continue("delete session at source", record_.progress.traceparent);
    span.Set(span_names::kSource, record_.session.source);
    span.Set(span_names::kSession, record_.session.id);
    const Status done = Clean(now.empty(), span);
    span.Set(span_names::kFiles, deleted_);
    if (!done) span.SetError(done.error());
    return done;
  }

 private:
  // `empty`: the source has nothing of the session any more.
  Status Clean(bool empty, const Span& span) {
    FileQuery query{.session = record_.session, .limit = kBatch, .plan = record_.progress.committed_plan};
    while (true) {
      SESHAT_ASSIGN(auto page, context_.ports.journal.ListFiles(query));
      if (page.empty()) break;
      query.after = page.back().path;
      SESHAT_TRY(DeletePage(std::move(page), empty));
    }
    if (!lost_) SESHAT_TRY(LeaveNote());
    record_.progress.cleaned_at = context_.ports.clock.Now();
    JournalChange change;
    change.progress.emplace_back(record_.session, record_.progress);
    SESHAT_TRY(context_.Save(change));
    context_.ports.logger.Info(
        "session is stored and was deleted at the source, as configured", span,
        {{"source", record_.session.source}, {"session", record_.session.id}, {"files", deleted_}});
    return {};
  }

  Status DeletePage(std::vector<FileRecord> page, bool empty) {
    JournalChange change;
    for (auto& file : page) {
      if (file.state != FileState::kStored) continue;
      if (empty) {
        lost_ = lost_ || !file.cleaned;  // somebody else deleted it: no note of ours
        continue;
      }
      const auto same = CheckSame(file);
      // A crash came between marking and deleting, or right behind.
      if (!same && same.error().code == ErrorCode::kNotFound && file.cleaned) continue;
      if (!same) return same;
      file.cleaned = true;
      change.files.emplace_back(record_.session, file);
    }
    if (change.files.empty()) return {};
    SESHAT_TRY(context_.Save(change));
    for (const auto& [session, file] : change.files) {
      const std::string path = source_.layout->PathOf(record_.session.id, file.path);
      SESHAT_TRY(source_.tree->Delete(path, file.stored));
      ++deleted_;
      context_.ports.metrics.Record(metric::kDeleted, 1, {{"source", record_.session.source}});
    }
    return {};
  }

  Status CheckSame(const FileRecord& file) {
    SESHAT_ASSIGN(const auto opened, source_.tree->Open(source_.layout->PathOf(record_.session.id, file.path)));
    if (opened.stat != file.stored) return Fail(ErrorCode::kSourceChanged, "a file changed: " + file.path);
    Sha256Hasher hasher;
    std::vector<std::byte> block(std::min<uint64_t>(1 << 20, opened.stat.size));
    for (uint64_t offset = 0; offset < opened.stat.size;) {
      if (context_.stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped while verifying");
      const auto part = std::span(block).first(std::min<uint64_t>(block.size(), opened.stat.size - offset));
      SESHAT_TRY(opened.body->ReadAt(offset, part));
      hasher.Update(part);
      offset += part.size();
    }
    SESHAT_TRY(opened.body->CheckUnchanged());
    if (hasher.Finish() == file.sha256) return {};
    return Fail(ErrorCode::kDataLoss, "the bytes at the source are not those that were stored: " + file.path);
  }

  Status LeaveNote() {
    SESHAT_ASSIGN(const auto id, SessionId::Parse(record_.session.id));
    SESHAT_ASSIGN(const auto key, keys::Manifest(id, record_.progress.revision));
    const std::string text = fmt::format(
        "The files of session {} were moved to the archive.\n\n"
        "files      {}\nbytes      {}\nstored     {}\nrevision   {}\nmanifest   {}\n\n"
        "Get them back with: seshat get '{}'\n",
        id.value(), record_.progress.stored_files, record_.progress.stored_bytes,
        FormatTimestamp(record_.progress.committed_at), record_.progress.revision, context_.ports.store.Url(key),
        id.value());
    const auto written = source_.tree->WriteNote(source_.layout->NotePath(id.value()), text);
    if (written || written.error().code == ErrorCode::kAlreadyExists) return {};
    return written;
  }

  UploadContext& context_;
  SourceRuntime& source_;
  SessionRecord record_;
  bool lost_ = false;
  uint64_t deleted_ = 0;
};

}  // namespace

Status CleanSource(UploadContext& context, SourceRuntime& source) {
  if (!source.spec.delete_after) return {};
  SessionQuery query{.source = source.spec.name,
                     .filter = SessionFilter::kCleanup,
                     .due = context.ports.clock.Now() - *source.spec.delete_after,
                     .limit = kBatch};
  while (true) {
    SESHAT_ASSIGN(auto page, context.ports.journal.ListSessions(query));
    for (auto& record : page) {
      if (context.halted()) return {};
      query.after = record.session;
      const SessionRef session = record.session;
      const auto done = SessionCleaner(context, source, std::move(record)).Run();
      // One session's trouble must not keep the others; it is listed again next time.
      if (!done && done.error().code != ErrorCode::kCancelled)
        context.ports.logger.Warning(
            "could not delete a stored session at the source; trying again later",
            {{"source", session.source}, {"session", session.id}, {"error", done.error().ToString()}});
    }
    if (page.size() < kBatch) return {};
  }
}

}  // namespace seshat::migration
