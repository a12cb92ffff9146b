// The indices behind an alias: "<alias>-000001", "<alias>-000002", …; the alias names the one that is searched, and
// "<alias>-rebuild" the one that a rebuild fills. All state is in the cluster, so that every process sees the same.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "adapters/opensearch/connection.h"
#include "core/base/error.h"

namespace seshat::opensearch {

// Thread-safe.
class IndexAdmin {
 public:
  IndexAdmin(Connection& connection, std::string alias, std::chrono::milliseconds timeout);

  const std::string& alias() const { return alias_; }
  const std::string& rebuild_alias() const { return rebuild_alias_; }

  // Makes template, index and alias where the alias is missing, and waits until it can be searched; each request has
  // `timeout`. kInvalidArgument where an index has the alias's name.
  Status Ensure(std::chrono::milliseconds timeout);
  Status Ensure() { return Ensure(timeout_); }
  // Waits until the index behind the alias can be searched.
  Status WaitUntilStarted(std::chrono::milliseconds timeout);
  Result<bool> IsRebuilding();
  // The index that the alias names, if any.
  Result<std::optional<std::string>> LiveIndex();
  // Makes what was written to the alias (or index) visible.
  Status Refresh(std::string_view name);

  // A new, empty index that takes part in writing; its name is the token. What another rebuild had is dropped.
  Result<std::string> BeginRebuild();
  // Points the alias to it, in one step, and drops the index before. kNotFound where the token is not that of the
  // rebuild that goes on.
  Status FinishRebuild(std::string_view token);

 private:
  using AliasesOfIndex = std::map<std::string, std::set<std::string>>;

  Result<AliasesOfIndex> Look(std::chrono::milliseconds timeout);
  Status PutTemplate(std::chrono::milliseconds timeout);
  // Index number `number`; false where there is one already.
  Result<bool> Create(int number, bool live, std::chrono::milliseconds timeout);
  Status ChangeAliases(std::string actions);
  void Drop(std::string_view index);
  std::optional<int> NumberOf(std::string_view index) const;
  std::string NameOf(int number) const;
  int NextNumber(const AliasesOfIndex& there) const;

  Connection& connection_;
  const std::string alias_;
  const std::string rebuild_alias_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace seshat::opensearch
