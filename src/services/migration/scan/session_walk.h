// Which session an entry of a source belongs to, under which path, and what is left out: the one reading of
// SourceSpec's layout, ignore and metadata settings, used by scans, uploads, dry runs and clean-ups alike.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/path_glob.h"
#include "core/records/session_id.h"
#include "ports/source_tree.h"
#include "services/migration/rules/source_spec.h"

namespace seshat::migration {

// Immutable after Make; any thread.
class SourceLayout {
 public:
  static Result<std::shared_ptr<const SourceLayout>> Make(const SourceSpec& spec);
  virtual ~SourceLayout() = default;

  virtual bool flat() const = 0;
  // The session id that a file of a flat source belongs to, as a part of `path`; empty: none.
  virtual std::string_view FlatId(std::string_view path) const = 0;

  bool Ignored(std::string_view path) const;  // below the session
  // The rank of a file as session metadata, lower is better; SIZE_MAX: it is none. Ties: by bytes.
  size_t MetadataRank(std::string_view path) const;
  // Where a file of a session lies in the source.
  std::string PathOf(std::string_view id, std::string_view path) const;
  std::string NotePath(std::string_view id) const;

 protected:
  explicit SourceLayout(const SourceSpec& spec);

 private:
  std::vector<PathGlob> ignore_;
  std::vector<PathGlob> metadata_;
};

// What a walk over a whole source meets.
class SessionSink {
 public:
  virtual ~SessionSink() = default;
  // `path` is below the session. Sessions of directories come one after the other, each ended by EndSession (also
  // those without entries); flat ones are mixed and never ended.
  virtual Status Entry(std::string_view id, std::string_view path, const SourceEntry& entry) = 0;
  virtual Status EndSession(std::string_view id) = 0;
  virtual void Loose(const SourceEntry& entry) = 0;  // belongs to no session
  virtual void Refused(std::string_view name,
                       const Error& reason) = 0;  // a directory's name is no session id
};

Status WalkSource(SourceTree& tree, const SourceLayout& layout, SessionSink& sink, std::stop_token stop);

// One session only. kNotFound where it has no directory.
using EntryFunction = std::function<Status(std::string_view path, const SourceEntry& entry)>;
Status WalkSession(SourceTree& tree, const SourceLayout& layout, std::string_view id, const EntryFunction& entry,
                   std::stop_token stop);

}  // namespace seshat::migration
