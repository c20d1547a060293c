"""The same four questions in three dialects: ours, PostGraphile's, and SQL written by hand."""

from typing import Any

from tests.benchmarks.reads.data import Caller

OURS = {
    "Q1": """query Q1($sector: ID!, $status: [KeywordStatus!]) {
  keywords(first: 100, filter: {sectorId: $sector, status: {in: $status}},
           orderBy: [{field: VOLUME, direction: DESC}]) {
    totalCount
    nodes { id keyword volume difficulty intent status createdAt cluster { id } }
  }
}""",
    "Q2": """query Q2 {
  account {
    id name
    sites(first: 4) { nodes {
      id name domain
      sectors(first: 5) { nodes {
        id name
        clusters(first: 20) { nodes {
          id name status
          keywords(first: 5) { nodes { id keyword volume } }
          ideas(first: 2) { nodes { id title: ideaTitle status } }
        } }
      } }
    } }
  }
}""",
    "Q3": """query Q3($id: ID!) {
  keyword(id: $id) { id keyword volume cluster { id name status sector { id name site { id name domain } } } }
}""",
    "Q4": """query Q4($site: ID!) {
  site(id: $site) {
    id name
    sectors(first: 5) { nodes {
      id name
      clusters(first: 10) { nodes {
        id name volume: keywordsCount
        keywords(first: 10) { nodes { id keyword volume difficulty intent status } }
      } }
    } }
  }
}""",
}
BY_KEY = "orderBy: [PRIMARY_KEY_ASC]"
POSTGRAPHILE = {
    "Q1": """query Q1($sector: UUID!, $status: String!) {
  keywords: allKeywords(condition: {sectorId: $sector, status: $status}, first: 100,
                        orderBy: [VOLUME_DESC, PRIMARY_KEY_DESC]) {
    totalCount
    nodes { id: rowId keyword volume difficulty intent status createdAt cluster: clusterByClusterId { id: rowId } }
  }
}""",
    "Q2": f"""query Q2($account: UUID!) {{
  account: accountByRowId(rowId: $account) {{
    id: rowId name
    sites: sitesByAccountIdList(first: 4, {BY_KEY}) {{
      id: rowId name domain
      sectors: sectorsByAccountIdAndSiteIdList(first: 5, {BY_KEY}) {{
        id: rowId name
        clusters: clustersByAccountIdAndSiteIdAndSectorIdList(first: 20, {BY_KEY}) {{
          id: rowId name status
          keywords: keywordsByAccountIdAndSiteIdAndSectorIdAndClusterIdList(first: 5, {BY_KEY}) {{
            id: rowId keyword volume }}
          ideas: contentIdeasByAccountIdAndSiteIdAndSectorIdAndClusterIdList(first: 2, {BY_KEY}) {{
            id: rowId title: ideaTitle status }}
        }}
      }}
    }}
  }}
}}""",
    "Q3": """query Q3($id: UUID!) {
  keyword: keywordByRowId(rowId: $id) {
    id: rowId keyword volume
    cluster: clusterByAccountIdAndSiteIdAndSectorIdAndClusterId {
      id: rowId name status
      sector: sectorByAccountIdAndSiteIdAndSectorId {
        id: rowId name site: siteByAccountIdAndSiteId { id: rowId name domain } }
    }
  }
}""",
    "Q4": f"""query Q4($site: UUID!) {{
  site: siteByRowId(rowId: $site) {{
    id: rowId name
    sectors: sectorsByAccountIdAndSiteIdList(first: 5, {BY_KEY}) {{
      id: rowId name
      clusters: clustersByAccountIdAndSiteIdAndSectorIdList(first: 10, {BY_KEY}) {{
        id: rowId name volume: keywordsCount
        keywords: keywordsByAccountIdAndSiteIdAndSectorIdAndClusterIdList(first: 10, {BY_KEY}) {{
          id: rowId keyword volume difficulty intent status }}
      }}
    }}
  }}
}}""",
}
POSTGRAPHILE["Q1"] = POSTGRAPHILE["Q1"].replace(
    "clusterByClusterId", "clusterByAccountIdAndSiteIdAndSectorIdAndClusterId"
)

KEYWORD = "'{\"id\":\"'||k.id||'\",\"keyword\":'||to_json(k.keyword)||',\"volume\":'||coalesce(k.volume::text,'null')"
MORE = "||',\"difficulty\":'||coalesce(k.difficulty::text,'null')||',\"intent\":'||array_to_json(k.intent)||',\"status\":\"'||k.status||'\"'"
SQL = {
    "Q1": f"""select '{{"keywords":{{"totalCount":'||(select count(*) from keyword where sector_id=$1::uuid and status=$2::text)
 ||',"nodes":['||coalesce((select string_agg({KEYWORD}{MORE}||',"createdAt":"'
 ||to_char(k.created_at at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')||'","cluster":{{"id":"'||k.cluster_id||'"}}}}',',')
 from (select * from keyword where sector_id=$1::uuid and status=$2::text order by volume desc, id desc limit 100) k),'')
 ||']}}}}'""",
    "Q2": f"""select '{{"account":'||coalesce((select '{{"id":"'||a.id||'","name":'||to_json(a.name)||',"sites":['||coalesce((
 select string_agg('{{"id":"'||s.id||'","name":'||to_json(s.name)||',"domain":'||to_json(s.domain)||',"sectors":['||coalesce((
  select string_agg('{{"id":"'||x.id||'","name":'||to_json(x.name)||',"clusters":['||coalesce((
   select string_agg('{{"id":"'||c.id||'","name":'||to_json(c.name)||',"status":"'||c.status||'","keywords":['||coalesce((
     select string_agg({KEYWORD}||'}}',',') from (select * from keyword k where k.cluster_id=c.id order by k.id limit 5) k),'')
     ||'],"ideas":['||coalesce((select string_agg('{{"id":"'||i.id||'","title":'||to_json(i.idea_title)||',"status":"'
     ||i.status||'"}}',',') from (select * from content_idea i where i.cluster_id=c.id order by i.id limit 2) i),'')||']}}',',')
   from (select * from cluster c where c.sector_id=x.id order by c.id limit 20) c),'')||']}}',',')
  from (select * from sector x where x.site_id=s.id order by x.id limit 5) x),'')||']}}',',')
 from (select * from site s where s.account_id=a.id order by s.id limit 4) s),'')||']}}' from account a where a.id=$1::uuid),'null')
 ||'}}'""",
    "Q3": f"""select '{{"keyword":'||coalesce((select {KEYWORD}||',"cluster":'||coalesce((
 select '{{"id":"'||c.id||'","name":'||to_json(c.name)||',"status":"'||c.status||'","sector":'||(
  select '{{"id":"'||x.id||'","name":'||to_json(x.name)||',"site":'||(
   select '{{"id":"'||s.id||'","name":'||to_json(s.name)||',"domain":'||to_json(s.domain)||'}}' from site s where s.id=x.site_id)
   ||'}}' from sector x where x.id=c.sector_id)||'}}' from cluster c where c.id=k.cluster_id),'null')||'}}'
 from keyword k where k.id=$1::uuid),'null')||'}}'""",
    "Q4": f"""select '{{"site":'||coalesce((select '{{"id":"'||s.id||'","name":'||to_json(s.name)||',"sectors":['||coalesce((
  select string_agg('{{"id":"'||x.id||'","name":'||to_json(x.name)||',"clusters":['||coalesce((
   select string_agg('{{"id":"'||c.id||'","name":'||to_json(c.name)||',"volume":'||c.keywords_count||',"keywords":['||coalesce((
     select string_agg({KEYWORD}{MORE}||'}}',',') from (select * from keyword k where k.cluster_id=c.id order by k.id limit 10) k),'')
   ||']}}',',') from (select * from cluster c where c.sector_id=x.id order by c.id limit 10) c),'')||']}}',',')
  from (select * from sector x where x.site_id=s.id order by x.id limit 5) x),'')||']}}' from site s where s.id=$1::uuid),'null')
 ||'}}'""",
}
SQL_ARGUMENTS = {"Q1": ("sector", "status"), "Q2": ("account",), "Q3": ("id",), "Q4": ("site",)}
STATUS = "CLUSTERED"


def variables(query: str, caller: Caller, *, prefixed: bool) -> dict[str, Any]:
    def id(prefix: str, value: object) -> str:
        return f"{prefix}_{value}" if prefixed else str(value)

    match query:
        case "Q1":
            return {"sector": id("sec", caller.sector), "status": [STATUS] if prefixed else STATUS}
        case "Q2":
            return {"account": id("acc", caller.account)}
        case "Q3":
            return {"id": id("kw", caller.keyword)}
    return {"site": id("site", caller.site)}
