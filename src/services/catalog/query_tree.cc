#include "services/catalog/query_tree.h"

#include "core/query/query_parser.h"

namespace seshat::catalog {
namespace {

void Add(const Query& query, size_t depth, std::string& out);

void AddAll(std::string_view name, const std::vector<Query>& clauses, size_t depth, std::string& out) {
  out += std::string(2 * depth, ' ').append(name) + "\n";
  for (const Query& clause : clauses) Add(clause, depth + 1, out);
}

void Add(const Query& query, size_t depth, std::string& out) {
  if (const auto* all = std::get_if<AllOf>(&query.node)) return AddAll("and", all->clauses, depth, out);
  if (const auto* any = std::get_if<AnyOf>(&query.node)) return AddAll("or", any->clauses, depth, out);
  if (const auto* no = std::get_if<Not>(&query.node)) return AddAll("not", no->clause, depth, out);
  out += std::string(2 * depth, ' ') + query::PrintQuery(query) + "\n";
}

}  // namespace

std::string QueryTree(const Query& query) {
  std::string tree;
  Add(query, 0, tree);
  return tree;
}

}  // namespace seshat::catalog
